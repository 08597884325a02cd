// The camera of the device.

import { draw } from "./picture.js";

/** Why there is no live camera: "insecure" (no https), "refused", "none" (no camera), "busy". */
export class NoCamera extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

const REASONS = { NotAllowedError: "refused", NotReadableError: "busy", AbortError: "busy" };
const WANTED = { video: { facingMode: { ideal: "environment" }, width: { ideal: 4096 }, height: { ideal: 2160 } } };

export async function openLens(video) {
  if (!isSecureContext) throw new NoCamera("insecure");
  if (!navigator.mediaDevices?.getUserMedia) throw new NoCamera("none");
  try {
    return new Lens(await navigator.mediaDevices.getUserMedia(WANTED), video);
  } catch (error) {
    throw new NoCamera(REASONS[error.name] ?? "none");
  }
}

class Lens {
  lit = false;

  constructor(stream, video) {
    [this.track] = stream.getVideoTracks();
    this.video = video;
    video.srcObject = stream;
  }

  get hasTorch() {
    return Boolean(this.track.getCapabilities?.().torch);
  }

  async torch(lit) {
    await this.track.applyConstraints({ advanced: [{ torch: lit }] });
    this.lit = lit;
  }

  /** One photo: by the camera itself where it can (all of its pixels), else the frame that is shown. */
  async shoot() {
    return (await this.still()) ?? new Promise((done) => draw(this.video).toBlob(done, "image/jpeg", 0.95));
  }

  async still() {
    if (!("ImageCapture" in globalThis) || this.lit) return null; // takePhoto puts a lit torch out
    const late = new Promise((done) => setTimeout(done, 4000, null));
    const taken = await Promise.race([new ImageCapture(this.track).takePhoto(), late]).catch(() => null);
    return taken?.size ? taken : null;
  }

  stop() {
    this.track.stop();
    this.video.srcObject = null;
  }
}
