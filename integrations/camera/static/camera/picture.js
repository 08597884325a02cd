// A picture as it is sent: upright, at most 4.5 MB. Quality is given up before size.

import { readExif, withExif } from "./exif.js";

const MOST_BYTES = 4_500_000;
const MOST_PIXELS = 16_700_000; // Safari's canvas draws nothing above this
const QUALITIES = [0.92, 0.85, 0.78, 0.7, 0.6, 0.5];
const AS_IT_IS = ["image/jpeg", "image/png", "image/webp"];

export class NotAPicture extends Error {}

/** Make a chosen file or a shot ready to send. Raises NotAPicture for what the browser cannot decode. */
export async function prepare(blob) {
  const exif = blob.type === "image/jpeg" ? await readExif(blob) : null;
  const bitmap = await decode(blob);
  if (bitmap === null) return blob; // HEIC that only the server can read
  if ((exif?.orientation ?? 1) === 1 && blob.size <= MOST_BYTES && AS_IT_IS.includes(blob.type)) return blob;
  const small = await encode(bitmap, MOST_BYTES - (exif?.segment.length ?? 0));
  bitmap.close();
  return withExif(small, exif);
}

async function decode(blob) {
  try {
    return await createImageBitmap(blob, { imageOrientation: "from-image" });
  } catch {
    if (/hei[cf]$/i.test(blob.type || blob.name) && blob.size <= MOST_BYTES) return null;
    throw new NotAPicture(blob.type);
  }
}

async function encode(bitmap, most) {
  let scale = Math.min(1, Math.sqrt(MOST_PIXELS / (bitmap.width * bitmap.height)));
  for (;;) {
    const canvas = draw(bitmap, scale);
    for (const quality of QUALITIES) {
      const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
      if (made && made.size <= most) return made;
    }
    scale *= 0.75;
  }
}

/** Draw a picture, or the frame of a video; white lies under what is transparent. */
export function draw(source, scale = 1) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil((source.videoWidth ?? source.width) * scale);
  canvas.height = Math.ceil((source.videoHeight ?? source.height) * scale);
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}
