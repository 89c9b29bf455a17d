import { FlowBar } from '../pages/flow'
import { Labels } from '../pages/labels'
import { type Api, type Picture, expect, keeper, newName, open, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

const point = (object: string): unknown => ({ type: 'point', shape: { x: 0.5, y: 0.5 }, object })

/** Pictures whose title begins with a word that no other has: the first in the row comes first. */
async function row(api: Api, count: number): Promise<{ word: string; pictures: Picture[] }> {
  const word = newName('row')
  const pictures: Picture[] = []
  for (let number = 1; number <= count; number += 1) {
    pictures.push(await api.upload(drawing(`${number}.png`), { title: `${word} ${number}` }))
  }
  return { word, pictures }
}

function at(pictures: Picture[], index: number): Picture {
  const picture = pictures[index]
  if (!picture) throw new Error(`there is no picture ${index}`)
  return picture
}

function titled(word: string, more = ''): string {
  return `want:\n  - title: "${word}%"\n${more}`
}

test('the way through a query goes on where annotating makes a picture drop out of it', async ({ page, api, studio }) => {
  const { word, pictures } = await row(api, 3)
  const query = titled(word, `exclude:\n  - has: "${studio.object}"\n`)
  await open(page, `/query?ordering=title-asc&query=${encodeURIComponent(query)}`)
  await page.getByRole('link', { name: 'Annotate these' }).click()
  const flow = new FlowBar(page)
  const editor = await flow.at(at(pictures, 0), '1 of 3')
  await expect(flow.button('Previous picture')).toHaveAttribute('aria-disabled', 'true')

  await editor.drawBox([0.2, 0.2], [0.5, 0.6])
  await editor.pickObject(studio.object)
  await flow.button('Next picture').click()
  // The first one is no longer found, and nothing is skipped.
  const second = await flow.at(at(pictures, 1), '1 of 2')
  await expect(second.canvas).toBeFocused()
  await expect.poll(() => api.annotations(at(pictures, 0).id).then((regions) => regions.length)).toBe(1)
  await second.drawBox([0.2, 0.2], [0.5, 0.6])
  await second.pickObject(studio.object)
  // Whoever presses the button by a key finds it again.
  await flow.button('Next picture').focus()
  await page.keyboard.press('Enter')
  await flow.at(at(pictures, 2), '1 of 1')
  await expect(flow.button('Next picture')).toBeFocused()

  await page.keyboard.press('PageDown')
  await expect(page.getByText('This is the last picture')).toBeAttached()
  await page.goBack()
  await flow.at(at(pictures, 1), 'after 0 of 1')
  await expect.poll(() => api.annotations(at(pictures, 1).id).then((regions) => regions.length)).toBe(1)
  await page.reload()
  const reloaded = await flow.at(at(pictures, 1), 'after 0 of 1')
  await expect(reloaded.regions).toHaveCount(1)

  // The picture's own page leads back into the row.
  await page.getByRole('link', { name: at(pictures, 1).title }).click()
  await page.getByRole('link', { name: 'Annotate', exact: true }).click()
  const again = await flow.at(at(pictures, 1), 'after 0 of 1')
  // The page goes while a field of it has the keyboard.
  await again.object.focus()
  await page.goBack()
  await expect(page).toHaveURL(/\/picture\/\d+(\?|$)/)
  await page.goForward()
  await flow.at(at(pictures, 1), 'after 0 of 1')
  await flow.bar.getByRole('link', { name: 'Query' }).click()
  await expect(page.getByRole('status', { name: 'Results' })).toHaveText('1 picture')
})

test('in a row that drawing puts into another order, the way on and back stays', async ({ page, api, studio }) => {
  const { word, pictures } = await row(api, 3)
  await open(page, `/picture/${at(pictures, 0).id}/annotate?ordering=number-regions-asc&query=${encodeURIComponent(titled(word))}`)
  const flow = new FlowBar(page)
  const first = await flow.at(at(pictures, 0), '1 of 3')
  await first.drawBox([0.2, 0.2], [0.5, 0.6])
  await first.pickObject(studio.object)
  await expect.poll(() => api.annotations(at(pictures, 0).id).then((regions) => regions.length)).toBe(1)
  await page.keyboard.press('PageDown')
  // The first one stands behind the others by now, and is the previous one all the same.
  await flow.at(at(pictures, 1), '1 of 3')
  await page.keyboard.press('PageUp')
  await flow.at(at(pictures, 0), '1 of 3')
  await page.keyboard.press('PageDown')
  await flow.at(at(pictures, 1), '1 of 3')
  await page.keyboard.press('PageDown')
  await flow.at(at(pictures, 2), '2 of 3')
})

test('a gallery is annotated in its own order, and marks lead through it', async ({ page, api }) => {
  await api.signIn(keeper)
  const { word, pictures } = await row(api, 3)
  const gallery = await api.post<{ id: number }>('/new-gallery', { title: word })
  const order = [at(pictures, 1), at(pictures, 2), at(pictures, 0)]
  await api.post(`/gallery/${gallery.id}/add-pictures`, { picture_ids: order.map((picture) => picture.id) })
  await open(page, `/gallery/${gallery.id}`)
  await page.getByRole('link', { name: 'Annotate these' }).click()
  const flow = new FlowBar(page)
  await flow.at(at(order, 0), '1 of 3')
  await flow.button('Done').click()
  await flow.at(at(order, 1), '2 of 3')
  const labels = new Labels(page)
  await labels.said('Marked: done. Picture 2 of 3')
  await page.keyboard.press('Control+Shift+Enter')
  await flow.at(at(order, 2), '3 of 3')

  await flow.button('Needs review').click()
  const dialog = page.getByRole('dialog', { name: 'Needs review' })
  await dialog.getByRole('textbox').fill('Is this a cat?')
  await dialog.getByRole('button', { name: 'Mark for review' }).click()
  await expect(flow.mark).toContainText('Needs review')
  await expect(flow.mark).toContainText(`by ${keeper.name}`)
  await expect(flow.mark).toContainText('Is this a cat?')

  await page.keyboard.press('PageUp')
  await flow.at(at(order, 1), '2 of 3')
  await expect(flow.mark).toContainText('Skipped')
  await flow.mark.getByRole('button', { name: 'Take the mark back' }).click()
  await expect(flow.mark).toHaveCount(0)
  await labels.said('The mark is taken back')
  await page.keyboard.press('PageUp')
  await flow.at(at(order, 0), '1 of 3')
  await expect(flow.mark).toContainText('Done')

  const marks = (picture: Picture): Promise<{ mark: { state: string; comment: string } | null; earlier: unknown[] }> =>
    api.get(`/picture/${picture.id}/mark`)
  expect((await marks(at(order, 0))).mark?.state).toBe('done')
  expect(await marks(at(order, 1))).toMatchObject({ mark: null, earlier: [{ state: 'skipped' }] })
  expect((await marks(at(order, 2))).mark).toMatchObject({ state: 'needs_review', comment: 'Is this a cat?' })
})

test('the next picture without regions is found', async ({ page, api, studio }) => {
  const { word, pictures } = await row(api, 4)
  for (const index of [0, 1, 2]) await api.post(`/picture/${at(pictures, index).id}/annotations`, [point(studio.object)])
  await open(page, `/picture/${at(pictures, 0).id}/annotate?ordering=title-asc&query=${encodeURIComponent(titled(word))}`)
  const flow = new FlowBar(page)
  const first = await flow.at(at(pictures, 0), '1 of 4')
  const labels = new Labels(page)
  await labels.filter.fill('no such object')
  await expect(first.regions).toHaveCount(0)
  await flow.button('Next picture').click()
  const second = await flow.at(at(pictures, 1), '2 of 4')
  await expect(second.regions).toHaveCount(1)
  await expect(labels.filter).toHaveValue('')
  await flow.button('Next without regions').click()
  await flow.at(at(pictures, 3), '4 of 4')
  await expect(flow.button('Next without regions')).toHaveAttribute('aria-disabled', 'true')
})

test('a row that is gone leaves the picture to be annotated', async ({ page, studio, watch }) => {
  watch.allow(/404/)
  await open(page, `/picture/${studio.picture.id}/annotate?gallery=999999`)
  const flow = new FlowBar(page)
  await flow.at(studio.picture, 'This row is gone')
  await expect(flow.button('Next picture')).toHaveAttribute('aria-disabled', 'true')
  await flow.button('Done').click()
  await new Labels(page).said('Marked: done. This is the last picture')
  await expect(flow.mark).toContainText('Done')
  await open(page, `/picture/${studio.picture.id}`)
  await expect(page.getByText(`Done, says ${keeper.name}`)).toBeVisible()
})

test('what others drew on a picture that was fetched in advance is shown', async ({ page, api, studio }) => {
  const { word, pictures } = await row(api, 2)
  const next = at(pictures, 1)
  const fetched = page.waitForResponse((answer) => answer.url().endsWith('/fn/queue') && answer.request().postData()?.includes(`${next.id}`) === true)
  await open(page, `/picture/${at(pictures, 0).id}/annotate?ordering=title-asc&query=${encodeURIComponent(titled(word))}`)
  const flow = new FlowBar(page)
  await flow.at(at(pictures, 0), '1 of 2')
  await fetched
  await api.post(`/picture/${next.id}/annotations`, [point(studio.object)])
  await page.keyboard.press('PageDown')
  const editor = await flow.at(next, '2 of 2')
  await expect(editor.regions).toHaveCount(1)
  await editor.drawBox([0.2, 0.2], [0.5, 0.6])
  await editor.pickObject(studio.object)
  await editor.saved()
  expect(await api.annotations(next.id)).toHaveLength(2)
})
