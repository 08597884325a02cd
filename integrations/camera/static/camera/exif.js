// What a JPEG says of itself (when, where, which way up), to be carried over when it is encoded again.
// Exif 2.3, 4.5.4 and 4.6.4: APP1, "Exif\0\0", a TIFF header, entries of 12 bytes.

/** The Exif segment of a JPEG, set to upright, and the orientation that it said; null if there is none to read. */
export async function readExif(blob) {
  const view = new DataView(await blob.slice(0, 256 * 1024).arrayBuffer());
  try {
    if (view.getUint16(0) !== 0xffd8) return null;
    for (let at = 2; view.getUint8(at) === 0xff && view.getUint8(at + 1) !== 0xda; at += 2 + view.getUint16(at + 2)) {
      if (view.getUint8(at + 1) === 0xe1 && view.getUint32(at + 4) === 0x45786966) return segmentAt(view, at);
    }
  } catch {
    // a broken header: the picture itself may still be good
  }
  return null;
}

function segmentAt(view, at) {
  const segment = new Uint8Array(view.buffer.slice(at, at + 2 + view.getUint16(at + 2)));
  const inside = new DataView(segment.buffer);
  const tiff = 10;
  const little = inside.getUint16(tiff) === 0x4949;
  const first = tiff + inside.getUint32(tiff + 4, little);
  for (let i = 0; i < inside.getUint16(first, little); i++) {
    const entry = first + 2 + i * 12;
    if (inside.getUint16(entry, little) !== 0x0112) continue;
    const orientation = inside.getUint16(entry + 8, little);
    inside.setUint16(entry + 8, 1, little);
    return { segment, orientation };
  }
  return { segment, orientation: 1 };
}

export const withExif = (blob, exif) =>
  exif ? new Blob([blob.slice(0, 2), exif.segment, blob.slice(2)], { type: blob.type }) : blob;
