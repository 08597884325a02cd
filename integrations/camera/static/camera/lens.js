// The camera of the device.

import { draw } from "./picture.js";

/** Why there is no live camera: "insecure" (no https), "refused", "none" (no camera), "busy". */
export class NoCamera extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

const REASONS = { NotAllowedError: "refused", SecurityError: "refused", NotReadableError: "busy", AbortError: "busy" };
const WANTED = { audio: false, video: { facingMode: { ideal: "environment" }, width: { ideal: 4096 }, height: { ideal: 2160 } } };

/** Open the camera at the back, if there is one. */
export async function openLens(video) {
  if (!isSecureContext) throw new NoCamera("insecure");
  if (!navigator.mediaDevices?.getUserMedia) throw new NoCamera("none");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia(WANTED);
  } catch (error) {
    throw new NoCamera(REASONS[error.name] ?? "none");
  }
  return new Lens(stream, video);
}

export class Lens {
  constructor(stream, video) {
    this.stream = stream;
    this.video = video;
    [this.track] = stream.getVideoTracks();
    this.lit = false;
  }

  async start() {
    this.video.srcObject = this.stream;
    await this.video.play();
  }

  get ended() {
    return this.track.readyState === "ended";
  }

  get hasTorch() {
    return Boolean(this.track.getCapabilities?.().torch);
  }

  async torch(lit) {
    await this.track.applyConstraints({ advanced: [{ torch: lit }] });
    this.lit = lit;
  }

  /** One photo as a Blob: by the camera itself where it can (all of its pixels), else the frame that is shown. */
  async shoot() {
    const still = await this.still();
    if (still) return still;
    const canvas = draw(this.video);
    return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.95));
  }

  async still() {
    if (!("ImageCapture" in globalThis) || this.lit) return null; // takePhoto puts a lit torch out
    const late = new Promise((done) => setTimeout(done, 4000, null));
    try {
      const taken = await Promise.race([new ImageCapture(this.track).takePhoto(), late]);
      return taken?.size ? taken : null;
    } catch {
      return null;
    }
  }

  stop() {
    this.stream.getTracks().forEach((track) => track.stop());
    this.video.srcObject = null;
  }
}
