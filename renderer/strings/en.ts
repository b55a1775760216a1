// The words of the console in English, a file for each page. `{{name}}` is put in by React as a node; nothing here is ever read as markup.
import { activity } from './en/activity.ts';
import { clients } from './en/clients.ts';
import { log } from './en/log.ts';
import { permissions } from './en/permissions.ts';
import { prompt } from './en/prompt.ts';
import { servers } from './en/servers.ts';
import { settings } from './en/settings.ts';
import { shell } from './en/shell.ts';

export const en = {
  ...shell,
  ...prompt,
  ...log,
  ...activity,
  ...servers,
  ...clients,
  ...permissions,
  ...settings,
};
