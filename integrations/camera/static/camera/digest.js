// Keys and checksums that also work where there is no https: there the browser keeps crypto.subtle to itself.

export const newKey = () => hex(crypto.getRandomValues(new Uint8Array(16)));

export async function sha256(buffer) {
  if (crypto.subtle) return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", buffer)));
  return slowly(new Uint8Array(buffer));
}

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** FIPS 180-4, 6.2. */
export function slowly(bytes) {
  // 4.2.2 and 5.3.3: the first 32 bits of the fractions of roots of the first primes.
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
  const fraction = (root) => ((root % 1) * 2 ** 32) >>> 0;
  const rounds = primes.map((p) => fraction(Math.cbrt(p)));
  const state = Uint32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p)));
  const padded = pad(bytes);
  const view = new DataView(padded.buffer);
  const w = new Uint32Array(64);
  for (let at = 0; at < padded.length; at += 64) block(view, at, { w, state, rounds });
  return Array.from(state, (word) => word.toString(16).padStart(8, "0")).join("");
}

function pad(bytes) {
  const padded = new Uint8Array(((bytes.length + 8) >> 6 << 6) + 64);
  padded.set(bytes);
  padded[bytes.length] = 128;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, bytes.length << 3);
  return padded;
}

const turn = (word, by) => (word >>> by) | (word << (32 - by));

function block(view, at, { w, state, rounds }) {
  for (let i = 0; i < 16; i++) w[i] = view.getUint32(at + i * 4);
  for (let i = 16; i < 64; i++) {
    const [x, y] = [w[i - 15], w[i - 2]];
    w[i] = w[i - 16] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + w[i - 7] + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
  }
  let [a, b, c, d, e, f, g, k] = state;
  for (let i = 0; i < 64; i++) {
    const one = (k + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + rounds[i] + w[i]) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [k, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  [a, b, c, d, e, f, g, k].forEach((word, index) => (state[index] += word));
}
