import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { drawPng } from './png'

/** A file as Playwright hands it to a file chooser. */
export interface PictureFile {
  name: string
  mimeType: string
  buffer: Buffer
}

/** The collection of photographs that may lie beside the project's folder. */
const photographs = fileURLToPath(new URL('../../../shared/data/coco128/images', import.meta.url))

let drawn = process.pid * 1000

/** A picture that the suite draws itself. */
export function drawing(name: string, width = 640, height = 480): PictureFile {
  drawn += 1
  return { name, mimeType: 'image/png', buffer: drawPng(drawn, width, height) }
}

/** Three photographs where the collection is beside the project, otherwise three drawings. */
export function threePictures(): PictureFile[] {
  let names: string[] = []
  try {
    names = readdirSync(photographs).filter((name) => name.endsWith('.jpg')).sort().slice(0, 3)
  } catch {
    // No collection beside the project: a clone alone has to pass as well.
  }
  if (names.length < 3) return ['one.png', 'two.png', 'three.png'].map((name) => drawing(name))
  return names.map((name) => ({ name, mimeType: 'image/jpeg', buffer: readFileSync(join(photographs, name)) }))
}
