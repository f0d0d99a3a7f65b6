// What a person's telephone does: one-time codes (RFC 6238) from the secret that the set-up shows.
import { createHmac } from 'node:crypto';

function bytes(base32) {
  const out = [];
  let held = 0;
  let bits = 0;
  for (const letter of base32.replace(/\s/g, '')) {
    held = ((held << 5) | 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter)) & 0xffff;
    bits += 5;
    if (bits >= 8) out.push((held >> (bits -= 8)) & 255);
  }
  return Buffer.from(out);
}

/** The code of a 30-second step; `step` 0 is the present one. */
export function totp(secret, step = 0, now = Date.now()) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30000) + step));
  const mac = createHmac('sha1', bytes(secret)).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}

/** A telephone: hands out codes that were not used yet, waiting for the next step where it must. */
export class Phone {
  constructor(secret) {
    this.secret = secret;
    this.used = 0;
  }
  async code() {
    for (;;) {
      const now = Math.floor(Date.now() / 30000);
      // The step ahead is good already: two codes without waiting.
      const step = Math.max(now, this.used + 1);
      if (step <= now + 1) {
        this.used = step;
        return totp(this.secret, 0, step * 30000);
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
