import { type Locator, type Page, expect } from '@playwright/test'
import { open } from '../support/fixtures'

/** The view that brings files into a folder of a dataset. */
export class FilesUpload {
  readonly rows: Locator
  readonly headline: Locator
  readonly message: Locator
  readonly progress: Locator
  readonly interrupted: Locator

  constructor(readonly page: Page) {
    this.rows = page.getByRole('list', { name: 'Files to upload' }).getByRole('listitem')
    this.progress = page.locator('.batch-progress')
    this.headline = this.progress.getByRole('heading')
    this.interrupted = page.getByText(/^\d+ uploads? of yours w(as|ere) interrupted$/)
    this.message = page.getByLabel('What has changed')
  }

  async open(dataset: string, folder = ''): Promise<void> {
    await open(this.page, `/${dataset}?view=upload${folder === '' ? '' : `&path=${encodeURIComponent(folder)}`}`)
  }

  row(name: string): Locator {
    return this.rows.filter({ has: this.page.getByText(name, { exact: true }) })
  }

  /** Chooses files, by their paths on this machine or as they are. */
  async choose(files: Parameters<Locator['setInputFiles']>[0]): Promise<void> {
    await this.page.getByLabel('Choose files').setInputFiles(files)
  }

  async chooseFolder(path: string): Promise<void> {
    await this.page.getByLabel('Choose a folder').setInputFiles(path)
  }

  /** Drops files and folders of this machine on the middle of an element, as a person does with the mouse. */
  async drop(onto: Locator, paths: string[]): Promise<void> {
    const box = await onto.boundingBox()
    if (!box) throw new Error('there is nothing to drop onto')
    const session = await this.page.context().newCDPSession(this.page)
    const place = { x: box.x + box.width / 2, y: box.y + Math.min(box.height, 200) / 2 }
    const data = { items: [], files: paths, dragOperationsMask: 1 }
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, ...place, data })
    }
    await session.detach()
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' })
  }

  /** Waits until nothing is to be sent any more, and commits what has come. */
  async commit(number: number): Promise<void> {
    const button = this.button(number === 1 ? 'Commit 1 file' : `Commit ${number} files`)
    await expect(button).toBeEnabled()
    await button.click()
  }
}
