// Builds the console: one page whose every script, style and font is a hashed file of our own, so the strictest CSP holds.
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// Vitest reads this file too; its root must stay the checkout.
export default defineConfig(({ mode }) =>
  mode === 'test'
    ? {}
    : {
        root: 'renderer',
        base: './',
        plugins: [react(), tailwindcss()],
        build: {
          outDir: '../dist/console',
          emptyOutDir: true,
          // data: URLs would need wider font-src and script-src.
          assetsInlineLimit: 0,
          modulePreload: { polyfill: false },
          target: 'es2023',
          reportCompressedSize: true,
        },
      },
);
