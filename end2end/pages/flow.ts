import { type Locator, type Page, expect } from '@playwright/test'
import { EditorPage } from './editor'
import type { Picture } from '../support/fixtures'

/** Waits until the picture after this one has been fetched in advance, with what is around it in a row that was begun. */
export async function fetchedAfter(page: Page, picture: Picture): Promise<void> {
  await page.waitForResponse((answer) => {
    if (!answer.url().endsWith('/fn/neighbours')) return false
    const { before } = answer.request().postDataJSON() as { before: number[] }
    return before[0] === picture.id
  })
}

/** The editor's bar for going from picture to picture. */
export class FlowBar {
  readonly bar: Locator
  readonly place: Locator
  readonly mark: Locator

  constructor(readonly page: Page) {
    this.bar = page.getByRole('navigation', { name: 'Pictures' })
    this.place = this.bar.locator('.editor-flow-place')
    this.mark = this.bar.getByRole('group', { name: 'Mark', exact: true })
  }

  button(name: 'Next picture' | 'Previous picture' | 'Next without regions' | 'Done' | 'Skip' | 'Needs review'): Locator {
    return this.bar.getByRole('button', { name, exact: true })
  }

  /** Waits until the editor shows this picture and can be used. */
  async at(picture: Picture, place: string): Promise<EditorPage> {
    await expect(this.page).toHaveURL(new RegExp(`/picture/${picture.id}/annotate`))
    await expect(this.page.getByRole('heading', { level: 1 })).toHaveText(picture.title)
    await expect(this.place).toHaveText(place)
    const editor = new EditorPage(this.page, picture)
    await editor.ready()
    return editor
  }
}
