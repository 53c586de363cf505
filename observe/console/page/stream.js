// The connection to the program.

// Stream keeps a connection open and passes on each frame. EventSource comes back by
// itself after a network error, but not after an error status, and it does not notice a
// peer that is silent; so each of these ends in a new connection here. A new connection
// begins with a full frame, so that nothing of before a restart is left on the page.
export class Stream {
  #source = null;
  #timer = 0;
  #seq = 0;
  #every = 1000;

  constructor(url, onFrame, onStatus) {
    this.url = url;
    this.onFrame = onFrame;
    this.onStatus = onStatus;
  }

  open() {
    this.close();
    this.onStatus("connecting");
    this.#seq = 0;
    this.#source = new EventSource(this.url);
    this.#source.onmessage = (m) => this.#take(m.data);
    this.#source.onerror = () => {
      this.#seq = 0;
      this.onStatus("reconnecting");
      this.#again(this.#source?.readyState === EventSource.CLOSED ? 2000 : 5000);
    };
    this.#again(10000);
  }

  close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  // again opens anew, unless something comes in time.
  #again(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.open(), ms);
  }

  #take(data) {
    const frame = JSON.parse(data);
    if (!frame.full && frame.seq !== this.#seq + 1) {
      this.open();
      return;
    }
    this.#seq = frame.seq;
    this.#every = frame.every;
    this.#again(3 * this.#every + 4000);
    this.onStatus("live");
    this.onFrame(frame);
  }
}

// ask reads an answer of the program. It fails with what the program says.
export async function ask(path, as = "json") {
  const response = await fetch(path, { cache: "no-store" });
  if (!response.ok) throw new Error((await response.text()).trim() || response.statusText);
  return response[as]();
}
