import type { PackedPackage } from './package-papers.mjs';

export function packedPackages(): PackedPackage[];
export function consolePackages(): PackedPackage[];
