// A tiny test harness: named checks that go on after a failure, and the closing line that tests/run reads.
let passed = 0;
let failed = 0;
let skipped = 0;

export async function check(name, body) {
  try {
    await body();
    passed += 1;
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}\n     ${String(error.message ?? error).split('\n').slice(0, 14).join('\n     ')}`);
  }
}

export function skip(name, reason) {
  skipped += 1;
  console.log(`skipped: ${name}: ${reason}`);
}

export function expect(condition, message) {
  if (!condition) throw new Error(message);
}

export function close() {
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed === 0 ? 0 : 1;
}
