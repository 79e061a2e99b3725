/** A PNG of one red pixel, base64. */
export const redPixelPng =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQD3A0FDAAAAAElFTkSuQmCC";

/** A WAV file with one hundredth of a second of silence (8 kHz, 8 bit, mono), base64. */
export const silentWav: string = wavOfSilence(80).toString("base64");

/** A result of one text. Pure. */
export function textResult(text: string): { content: [{ type: "text"; text: string }] } {
  return { content: [{ type: "text", text }] };
}

function wavOfSilence(samples: number): Buffer {
  const sampleRate = 8000;
  const header = Buffer.alloc(44);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(36 + samples, 4);
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write("data", 36, "latin1");
  header.writeUInt32LE(samples, 40);
  // 0x80 is the middle of an unsigned 8-bit sample.
  return Buffer.concat([header, Buffer.alloc(samples, 0x80)]);
}
