// Places where keys and an AI client's own settings lie, named in a definition: told from the names alone, in any language.
import { revealed } from './hidden.ts';
import { asRead } from './lookalike.ts';

const places =
  /(?:~|\$HOME|\$\{HOME\}|%USERPROFILE%|\/home\/[\w-]+|\/root|\/Users\/[\w-]+)[\\/]\.(?:ssh|aws|gnupg|kube|docker|netrc|npmrc|pgpass|git-credentials|pypirc|azure|cursor|claude|codex|gemini|config[\\/](?:gh|gcloud|op|rclone))\b[\w./\\-]*|\bid_(?:rsa|ed25519|ecdsa|dsa)\b(?!\.pub)|\/etc\/shadow\b|\bclaude_desktop_config\.json|(?<![\w.-])\.?mcp\.json\b|\bwallet\.dat\b|\bLogin Data\b|\bauthorized_keys\b/i;

/** The first such place in a text, as it is written; null where there is none. */
export function keptPlaceIn(text: string): string | null {
  return places.exec(asRead(revealed(text)))?.[0] ?? null;
}
