// What a JPEG says of itself: the orientation, and the segment to carry over when the picture is encoded again
// (when and where it was taken). Exif 2.3, 4.5.4 and 4.6.4: APP1, "Exif\0\0", a TIFF header, entries of 12 bytes.

const ORIENTATION = 0x0112;

/** {segment, orientation} of the Exif segment in the first bytes of a JPEG; null if there is none that can be read. */
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
  const place = orientationPlace(new DataView(segment.buffer));
  return { segment, place, orientation: place ? new DataView(segment.buffer).getUint16(place.at, place.little) : 1 };
}

function orientationPlace(view) {
  const tiff = 10;
  const little = view.getUint16(tiff) === 0x4949;
  const first = tiff + view.getUint32(tiff + 4, little);
  for (let i = 0; i < view.getUint16(first, little); i++) {
    const entry = first + 2 + i * 12;
    if (view.getUint16(entry, little) === ORIENTATION) return { at: entry + 8, little };
  }
  return null;
}

/** A JPEG with another's Exif segment, whose orientation now is upright. */
export function withExif(blob, exif) {
  if (!exif) return blob;
  const segment = exif.segment.slice();
  if (exif.place) new DataView(segment.buffer).setUint16(exif.place.at, 1, exif.place.little);
  return new Blob([blob.slice(0, 2), segment, blob.slice(2)], { type: blob.type });
}
