// What the desk needs to know of a wish for counts, or for the log as a file.

export interface TallyFilter {
  since?: string | undefined;
  until?: string | undefined;
  client?: string | undefined;
  server?: string | undefined;
  bars?: number | undefined;
}

export interface ExportWish {
  format: 'jsonl' | 'csv' | 'ocsf';
  since?: string | undefined;
  until?: string | undefined;
}
