// The recent past of one row, for its sparklines.

export const length = 60; // frames

// History is two rings, of a level such as the length of a queue and of a rate. Frames in
// which the row did not change are filled in on display, and the rings are made
// when there is a second value or the row is shown: with ten thousand rows, most never are,
// and making rings for all of them took longer than everything else.
export class History {
  #level = null;
  #rate = null;
  #frame; // the newest one in the rings
  #last = 0;
  #size = 0;

  constructor(frame) {
    this.#frame = frame - 1;
  }

  add(frame, level, rate) {
    if (!this.#size) {
      this.#frame = frame;
      this.#last = level;
      this.#size = 1;
      return;
    }
    this.#make();
    this.#fill(frame - 1);
    this.#put(frame, level, rate);
  }

  #make() {
    if (this.#level) return;
    this.#level = new Float32Array(length);
    this.#rate = new Float32Array(length);
    this.#level[this.#frame % length] = this.#last;
  }

  #fill(frame) {
    for (let f = Math.max(this.#frame + 1, frame - length + 1); f <= frame; f++) this.#put(f, this.#last, 0);
  }

  #put(frame, level, rate) {
    this.#level[frame % length] = level;
    this.#rate[frame % length] = rate;
    this.#frame = frame;
    this.#last = level;
    this.#size = Math.min(this.#size + 1, length);
  }

  // levels and rates return the oldest first, up to the frame.
  levels(frame) {
    this.#make();
    return this.#read(this.#level, frame);
  }

  rates(frame) {
    this.#make();
    return this.#read(this.#rate, frame);
  }

  // rate is that of the frame.
  rate(frame) {
    return this.#rate && this.#frame === frame ? this.#rate[frame % length] : 0;
  }

  #read(ring, frame) {
    this.#fill(frame);
    const values = [];
    for (let f = frame - this.#size + 1; f <= frame; f++) values.push(ring[f % length]);
    return values;
  }
}
