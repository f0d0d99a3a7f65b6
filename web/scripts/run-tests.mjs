// Runs src/**/*.test.ts under Node through Vite, so that tests import the page's own modules. A test file exports functions;
// each is one test and fails by throwing.
import { readdirSync } from 'node:fs';
import { createServer } from 'vite';

const server = await createServer({ server: { middlewareMode: true, hmr: false, ws: false, watch: null }, appType: 'custom', logLevel: 'error', optimizeDeps: { noDiscovery: true } });
let failed = 0;
let passed = 0;
try {
  for (const name of readdirSync('src', { recursive: true }).filter((file) => file.endsWith('.test.ts')).sort()) {
    for (const [test, body] of Object.entries(await server.ssrLoadModule(`/src/${name}`))) {
      try {
        await body();
        passed += 1;
      } catch (error) {
        failed += 1;
        console.error(`${name}: ${test}: ${error.message}`);
      }
    }
  }
} finally {
  await server.close();
}
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
