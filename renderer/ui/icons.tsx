// The console's own line icons, 16 px, drawn here so that no picture is ever loaded for a control.
const stroke = { fill: 'none', stroke: 'currentColor', strokeWidth: 1.5, strokeLinecap: 'round', strokeLinejoin: 'round' } as const;

const paths = {
  activity: 'M2 8.5h2.5L6.5 3l3 10 2-4.5H14',
  servers: 'M3 3.5h10v3.5H3zM3 9h10v3.5H3zM5.2 5.25h.01M5.2 10.75h.01',
  clients: 'M2.5 3.5h11v7.5h-11zM6 13.5h4M8 11v2.5',
  permissions: 'M9.6 6.4a3.4 3.4 0 1 0-3.2 3.2l.9.9h1.4v1.4h1.4v1.4h2.6v-2.2L9.5 7.9M5.4 5.4h.01',
  settings: 'M2.5 4.5h6M11.5 4.5h2M2.5 11.5h2M7.5 11.5h6M10 3v3M6 10v3',
  close: 'M4 4l8 8M12 4l-8 8',
  down: 'M4.5 6.5L8 10l3.5-3.5',
  right: 'M6.5 4.5L10 8l-3.5 3.5',
  left: 'M9.5 4.5L6 8l3.5 3.5',
  up: 'M8 13V3.5M4 7l4-4 4 4',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3L13.5 13.5',
  copy: 'M5.5 5.5h7.5v7.5H5.5zM3 10.5V3h7.5',
  tick: 'M3.5 8.5l3 3 6-7',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  key: 'M10.2 8.3a3 3 0 1 0-2.5-2.5L3 10.5V13h2.5v-1.5H7V10h1.2z',
  lock: 'M4 7.5h8V13H4zM5.5 7.5V5.5a2.5 2.5 0 0 1 5 0v2',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false" className="shrink-0" {...stroke}>
      <path d={paths[name]} />
    </svg>
  );
}

/** Two towers and the gate between them. */
export function Emblem({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false" className="shrink-0" {...stroke}>
      <path d="M3 21V4.5h1.8v1.8h1.9V4.5h1.8V9h7V4.5h1.8v1.8h1.9V4.5H21V21M9 21v-5.2a3 3 0 0 1 6 0V21M1.5 21h21M8.5 12h7" />
    </svg>
  );
}
