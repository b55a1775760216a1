// Counts the windows that lie over the page, so that a prompt neither shows nor arms behind one.
let windows = 0;
const listeners = new Set<() => void>();
const tell = () => {
  for (const listener of listeners) listener();
};

export const covered = {
  /** Returns what takes the window away again. */
  add(): () => void {
    windows += 1;
    tell();
    return () => {
      windows -= 1;
      tell();
    };
  },
  get: (): boolean => windows > 0,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
