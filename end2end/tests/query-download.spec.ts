import { readFile } from 'node:fs/promises'
import type { Download } from '@playwright/test'
import { QueryEditor } from '../pages/query-editor'
import { violations } from '../support/axe'
import { expect, keeper, newName, type Page, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

/** The rows of a table (RFC 4180). */
function table(text: string): string[][] {
  const rows: string[][] = [['']]
  const cell = /"((?:[^"]|"")*)"|([^",\r\n]+)|(,)|\r\n/g
  for (const [found, quoted, plain, comma] of text.trimEnd().matchAll(cell)) {
    const row = rows[rows.length - 1] ?? []
    if (comma) row.push('')
    else if (found === '\r\n') rows.push([''])
    else row[row.length - 1] = quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"')
  }
  return rows
}

const content = async (download: Download): Promise<string> => readFile(await download.path(), 'utf8')

const dialogOf = (page: Page) => page.getByRole('dialog', { name: 'Download the list' })

async function begin(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Download list' }).click()
  await expect(dialogOf(page)).toBeVisible()
}

async function download(page: Page): Promise<Download> {
  const coming = page.waitForEvent('download')
  await dialogOf(page).getByRole('button', { name: 'Download', exact: true }).click()
  return coming
}

test.describe('the list of results', () => {
  let query = ''
  let titles: string[] = []

  test.beforeEach(async ({ api }) => {
    await api.signIn(keeper)
    const name = newName('listed-')
    titles = [`${name} b, "quoted"`, `${name} a`]
    query = `want:\n  - title: ${name}\n`
    for (const title of titles) await api.upload(drawing('listed.png', 300, 200), { title })
  })

  test('is downloaded as a table with the columns that were chosen, and they are remembered', async ({ page }) => {
    const editor = new QueryEditor(page)
    await editor.open(query)
    await editor.wake()
    await page.getByRole('combobox', { name: 'Order' }).selectOption('title-asc')
    await expect(page).toHaveURL(/title-asc/)
    await begin(page)
    expect(await violations(page)).toEqual([])
    const dialog = dialogOf(page)
    await expect(dialog.getByRole('radio', { name: /^CSV/ })).toBeChecked()
    const regions = dialog.getByRole('checkbox', { name: 'Regions', exact: true })
    const description = dialog.getByRole('checkbox', { name: 'Description' })
    await expect(regions).not.toBeChecked()
    await regions.check()
    await description.uncheck()
    const file = await download(page)
    expect(file.suggestedFilename()).toBe('pictures.csv')
    const [head = [], ...rows] = table(await content(file))
    expect(head.slice(0, 3)).toEqual(['id', 'title', 'author'])
    expect(head).toContain('regions')
    expect(head).not.toContain('description')
    expect(rows.map((row) => row[1])).toEqual([titles[1], titles[0]])
    expect(rows.map((row) => row[head.indexOf('width')])).toEqual(['300', '300'])
    expect(rows.every((row) => row.length === head.length)).toBe(true)
    // The page is still there, and so is what was chosen.
    await expect(dialog).toBeHidden()
    await editor.open(query)
    await editor.wake()
    await begin(page)
    await expect(regions).toBeChecked()
    await expect(description).not.toBeChecked()
    await dialog.getByRole('button', { name: 'Usual columns' }).click()
    await expect(regions).not.toBeChecked()
    await expect(description).toBeChecked()
  })

  test('is downloaded line by line', async ({ page }) => {
    const editor = new QueryEditor(page)
    await editor.open(query)
    await editor.wake()
    await begin(page)
    await dialogOf(page).getByRole('radio', { name: /^JSONL/ }).check()
    await expect(dialogOf(page).getByRole('checkbox', { name: 'Regions', exact: true })).toBeChecked()
    const file = await download(page)
    expect(file.suggestedFilename()).toBe('pictures.jsonl')
    const lines = (await content(file)).trimEnd().split('\n')
    const pictures = lines.map((line) => JSON.parse(line) as { title: string; regions: unknown[] })
    expect(pictures.map(({ title }) => title).sort()).toEqual([...titles].sort())
    expect(pictures[0]?.regions).toEqual([])
  })

  test('needs a column', async ({ page }) => {
    await page.addInitScript(() =>
      localStorage.setItem('ocellus.list-download', JSON.stringify({ format: 'csv', columns: { csv: [] } })),
    )
    const editor = new QueryEditor(page)
    await editor.open(query)
    await editor.wake()
    await begin(page)
    await expect(dialogOf(page).getByRole('alert')).toHaveText('Choose at least one column.')
    await dialogOf(page).getByRole('button', { name: 'Download', exact: true }).click({ force: true })
    await expect(dialogOf(page)).toBeVisible()
    await dialogOf(page).getByRole('checkbox', { name: 'Title' }).check()
    expect(table(await content(await download(page)))[0]).toEqual(['title'])
  })

  test('is refused with the reason, and the page stays', async ({ page, watch }) => {
    watch.allow(/400/)
    const object = newName('Nobody knows ')
    const editor = new QueryEditor(page)
    await editor.open(`want:\n  - has: ["${object}"]\n`)
    await editor.wake()
    const before = page.url()
    await begin(page)
    await dialogOf(page).getByRole('button', { name: 'Download', exact: true }).click()
    await expect(page.locator('.toast')).toContainText(object)
    expect(page.url()).toBe(before)
    await expect(editor.text).toHaveValue(new RegExp(object))
  })
})
