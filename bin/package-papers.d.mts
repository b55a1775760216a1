export interface PackedPackage {
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}
export function everyPackage(): PackedPackage[];
export function licences(): string;
export function billOfMaterials(): {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly metadata: object;
  readonly components: { readonly name: string; readonly version: string; readonly hashes?: object[]; readonly licenses?: object[] }[];
  readonly dependencies: { readonly ref: string; readonly dependsOn: string[] }[];
};
export function origin(): {
  readonly version: string;
  readonly commit: string | null;
  readonly committedAt: string | null;
  readonly lockfile: string;
};
