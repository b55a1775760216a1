// Facts of requests for tests that need no file system: nothing named, everything read.
import type { RequestFacts } from '../../shared/request-facts.ts';

export const noFacts: RequestFacts = {
  argumentKeys: [],
  bytes: 2,
  paths: [],
  hosts: [],
  repositories: [],
  recipients: [],
  sql: [],
  commands: [],
  contentBytes: 0,
  hidden: [],
  secrets: [],
  unread: [],
};
