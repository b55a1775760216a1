// A server that could be added: opened from a bundle or found in a registry, shown whole before anything of it runs.
import { z } from 'zod';
import { read } from './operation.ts';
import * as v from './vocabulary.ts';

const text = z.string();
const digest = z.string().regex(/^[0-9a-f]{64}$/, 'a digest is 64 hexadecimal digits');

/** Whether the bytes are what somebody signed; never whether that somebody is to be trusted. */
export const bundleSignature = z.object({
  state: z.enum(['absent', 'intact', 'unknown']),
  signer: text.nullable(),
  issuer: text.nullable(),
  /** SHA-256 of the certificate. */
  fingerprint: text.nullable(),
  validUntil: v.time.nullable(),
});

/** What it wants to be told before it can run. Titles and descriptions are its own words. */
const field = z.object({
  key: text,
  title: text,
  description: text,
  type: z.enum(['string', 'number', 'boolean', 'directory', 'file']),
  required: z.boolean(),
  secret: z.boolean(),
  multiple: z.boolean(),
  usual: z.array(text),
  choices: z.array(text),
  min: z.number().optional(),
  max: z.number().optional(),
});

export const candidate = z.object({
  /** Over everything that will run and be sent: adding it takes exactly what was shown. */
  digest,
  /** A name for it here, made from its own. */
  name: v.serverName,
  title: text,
  description: text,
  version: text.nullable(),
  /** Who it says made it. */
  author: text.nullable(),
  command: text,
  args: z.array(text),
  cwd: text.nullable(),
  env: z.record(text, text),
  secretEnv: z.record(text, v.secretName),
  remote: z
    .object({ url: text, transport: v.remote.shape.transport, headers: z.record(text, text), secretHeaders: z.record(text, v.secretName) })
    .nullable(),
  bundle: z
    .object({
      sha256: digest,
      /** As it came, and unpacked. */
      bytes: z.number().int(),
      unpackedBytes: z.number().int(),
      files: z.number().int(),
      signature: bundleSignature,
    })
    .nullable(),
  /**
   * The package it runs, with the hash its registry entry gives (null where the entry gives none), and the integrity that npm has for this
   * version: no other contents will run. Null for other packages, and where npm could not be asked: then it cannot be added.
   */
  package: z
    .object({
      registry: text,
      identifier: text,
      version: text.nullable(),
      sha256: digest.nullable(),
      checked: z.boolean(),
      integrity: text.nullable(),
    })
    .nullable(),
  registry: z
    .object({ address: text, id: text, status: text.nullable(), publishedAt: text.nullable(), at: v.time, offline: z.boolean() })
    .nullable(),
  fields: z.array(field),
  /** Keys of required fields without a value: it cannot be added yet. */
  missing: z.array(text),
  /** In our words. */
  warnings: z.array(text),
});
export type Candidate = z.infer<typeof candidate>;

const answers = {
  config: z.record(text.max(128), z.union([text.max(8192), z.array(text.max(8192)).max(100)])).default({}),
  secretConfig: z.record(text.max(128), v.secretName).default({}),
};

/** 48 MiB as base64; a larger bundle is named by its path. */
const uploadBytes = 64 * 1024 * 1024;

export const candidates = {
  /** Opens a bundle: a file of this computer by its full path, its bytes (base64), or one that was opened a short while ago, by its hash. */
  bundle: read
    .meta({ caller: 'operator', changes: [], bodyBytes: uploadBytes })
    .input(z.object({ path: text.max(4096).optional(), data: text.optional(), sha256: digest.optional(), ...answers }))
    .output(candidate),
  /** Reads one entry of the registry, fetches its bundle where it is one, and says what it would run. */
  registry: read
    .input(
      z.object({
        id: text.min(1).max(200),
        version: text.max(128).optional(),
        way: z.number().int().min(0).max(63).optional(),
        ...answers,
      }),
    )
    .output(candidate),
};

/** Adds, or puts in the place of a server's program, a candidate that was shown. */
export const withCandidate = z.object({ name: v.serverName, digest, accept: z.boolean().default(false) });

const found = z.object({
  /** `io.example/weather`. */
  id: text,
  title: text.nullable(),
  description: text,
  version: text,
  status: text.nullable(),
  publishedAt: text.nullable(),
  /** The ways it can be run, by their place: `npm @example/weather 1.2.0`, `https://weather.example/mcp`. */
  ways: z.array(z.object({ way: z.number().int(), kind: text, what: text, version: text.nullable(), possible: z.boolean() })),
});
export type FoundServer = z.infer<typeof found>;

/** What a registry said, when, and whether it is what it said last time because it cannot be reached now. */
const said = { address: text, at: v.time, offline: z.boolean(), why: text.nullable() };

export const registry = {
  search: read
    .input(z.object({ words: text.max(200), cursor: text.max(1024).optional() }))
    .output(z.object({ ...said, servers: z.array(found), next: text.nullable() })),
  show: read
    .input(z.object({ id: text.min(1).max(200), version: text.max(128).optional() }))
    .output(z.object({ ...said, server: found, versions: z.array(text) })),
};
