// The folders a client tells a server, cut to what the operator granted that server (security.md T25).

export interface Folder {
  /** As the client gave it. */
  readonly uri: string;
  /** Resolved, as paths are compared; null for what is no folder of this machine. */
  readonly path: string | null;
}

/** A folder that stays, by its place in the list; or a granted one inside a folder that is not granted as a whole. */
export type Told = { readonly at: number } | { readonly folder: string };

/** By whole components: `/a/bc` is not in `/a/b`. */
const isWithin = (folder: string, path: string) =>
  path === folder ||
  path.startsWith(folder.endsWith('/') || folder.endsWith('\\') ? folder : `${folder}${folder.includes('\\') ? '\\' : '/'}`);

/** `granted`: folders, resolved; null: all of them. What is told is what both the client has and the operator granted. */
export function cutFolders(folders: readonly Folder[], granted: readonly string[] | null): Told[] {
  const told: Told[] = [];
  const inside = new Set<string>();
  folders.forEach(({ path }, at) => {
    if (granted === null || (path !== null && granted.some((folder) => isWithin(folder, path)))) told.push({ at });
    else if (path !== null) for (const folder of granted) if (isWithin(path, folder)) inside.add(folder);
  });
  // One inside another, or inside a folder that is told as a whole, says nothing more.
  const whole = told.flatMap((each) => ('at' in each ? (folders[each.at]?.path ?? []) : []));
  const around = (folder: string) => [...whole, ...[...inside].filter((other) => other !== folder)];
  const outermost = [...inside].filter((folder) => !around(folder).some((other) => isWithin(other, folder)));
  return [...told, ...outermost.sort().map((folder) => ({ folder }))];
}
