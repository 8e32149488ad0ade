// How the dashboard is built and unit-tested. Nothing may be inlined as data: or as inline script: the server's
// Content-Security-Policy allows files of its own origin and nothing else.
import preact from '@preact/preset-vite';
import {defineConfig} from 'vitest/config';

export default defineConfig({
  plugins: [preact({devToolsEnabled: false, prefreshEnabled: false})],
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
