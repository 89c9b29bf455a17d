import { crc32 } from './crc'
import { deflateSync } from 'node:zlib'

type Colour = [number, number, number]

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}

function header(width: number, height: number): Buffer {
  const data = Buffer.alloc(13)
  data.writeUInt32BE(width, 0)
  data.writeUInt32BE(height, 4)
  // Eight bits a channel, red, green and blue.
  data.set([8, 2, 0, 0, 0], 8)
  return chunk('IHDR', data)
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** Draws a picture that no other seed draws: a sky, a ground, and a disc whose place depends on the seed. */
export function drawPng(seed: number, width = 640, height = 480): Buffer {
  const rows = Buffer.alloc(height * (1 + width * 3))
  const centre = { x: width * (0.3 + 0.4 * ((seed * 0.37) % 1)), y: height * (0.3 + 0.3 * ((seed * 0.61) % 1)) }
  const radius = height * 0.18
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const inside = (x - centre.x) ** 2 + (y - centre.y) ** 2 < radius ** 2
      const ground = y > height * 0.65
      const colour: Colour = inside
        ? [230, 120 + (seed % 100), 60]
        : ground
          ? [90, 140 - (y * 60) / height, 70]
          : [120 + (x * 40) / width, 170 + (y * 40) / height, 225]
      rows.set(colour.map(Math.round), y * (1 + width * 3) + 1 + x * 3)
    }
  }
  // The seed itself, so that two pictures are never the same bytes.
  rows.writeUInt32BE(seed >>> 0, rows.length - 4)
  return Buffer.concat([signature, header(width, height), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

/** A small file that claims to be a picture of 60000 by 60000. */
export function bombPng(): Buffer {
  const data = deflateSync(Buffer.alloc(1_000_000))
  return Buffer.concat([signature, header(60_000, 60_000), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))])
}
