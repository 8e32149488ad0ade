// How the dashboard is built and unit-tested. Nothing may be inlined as data: or as inline script: the server's
// Content-Security-Policy allows files of its own origin and nothing else.
import {readFileSync} from 'node:fs';
import preact from '@preact/preset-vite';
import {defineConfig} from 'vitest/config';

/** The font's licence travels with the font; Vite's own list has only scripts. */
const font_license = {
  name: 'font-license',
  generateBundle(this: {emitFile(file: {type: 'asset'; fileName: string; source: string}): void}) {
    const source = readFileSync(new URL('./node_modules/@fontsource-variable/inter/LICENSE', import.meta.url), 'utf8');
    this.emitFile({type: 'asset', fileName: 'license-inter.txt', source});
  },
};

export default defineConfig({
  plugins: [preact({devToolsEnabled: false, prefreshEnabled: false}), font_license],
  build: {
    outDir: process.env['MIZAN_DASHBOARD_DIST'] ?? '../build/dashboard/dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: {polyfill: false},
    target: 'es2022',
    license: {fileName: 'licenses.md'},
    chunkSizeWarningLimit: 900,
  },
  server: {proxy: {'/rest': process.env['MIZAN_URL'] ?? 'http://127.0.0.1:8080'}},
  test: {environment: 'happy-dom', include: ['tests/unit/**/*.test.{ts,tsx}'], restoreMocks: true},
});
