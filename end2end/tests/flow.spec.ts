import { FlowBar, fetchedAfter } from '../pages/flow'
import { Labels } from '../pages/labels'
import { SeeingPage } from '../pages/seeing'
import { type Api, type Page, type Picture, expect, keeper, newName, open, test } from '../support/fixtures'
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

test('a row stays as it was begun where annotating makes a picture drop out of it', async ({ page, api, studio }) => {
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
  // The first one is no longer found, but it keeps its place.
  const second = await flow.at(at(pictures, 1), '2 of 3')
  await expect(second.canvas).toBeFocused()
  await expect.poll(() => api.annotations(at(pictures, 0).id).then((regions) => regions.length)).toBe(1)
  await second.drawBox([0.2, 0.2], [0.5, 0.6])
  await second.pickObject(studio.object)
  // Whoever presses the button by a key finds it again.
  await flow.button('Next picture').focus()
  await page.keyboard.press('Enter')
  await flow.at(at(pictures, 2), '3 of 3')
  await expect(flow.button('Next picture')).toBeFocused()

  await page.keyboard.press('PageDown')
  await expect(page.getByText('This is the last picture')).toBeAttached()
  await page.goBack()
  await flow.at(at(pictures, 1), '2 of 3')
  await expect.poll(() => api.annotations(at(pictures, 1).id).then((regions) => regions.length)).toBe(1)
  await page.reload()
  const reloaded = await flow.at(at(pictures, 1), '2 of 3')
  await expect(reloaded.regions).toHaveCount(1)
  await page.keyboard.press('PageUp')
  await flow.at(at(pictures, 0), '1 of 3')
  await page.keyboard.press('PageDown')
  await flow.at(at(pictures, 1), '2 of 3')

  // The picture's own page leads back into the row.
  await page.getByRole('link', { name: at(pictures, 1).title }).click()
  await page.getByRole('link', { name: 'Annotate', exact: true }).click()
  const again = await flow.at(at(pictures, 1), '2 of 3')
  // The page goes while a field of it has the keyboard.
  await again.object.focus()
  await page.goBack()
  await expect(page).toHaveURL(/\/picture\/\d+(\?|$)/)
  await page.goForward()
  await flow.at(at(pictures, 1), '2 of 3')
  await flow.bar.getByRole('link', { name: 'Query' }).click()
  await expect(page.getByRole('status', { name: 'Results' })).toHaveText('1 picture')
  // Whoever asks for the row again gets it as it is by now.
  await page.getByRole('link', { name: 'Annotate these' }).click()
  await flow.at(at(pictures, 2), '1 of 1')
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
  // The query would put the first one behind the others by now.
  await flow.at(at(pictures, 1), '2 of 3')
  await page.keyboard.press('PageUp')
  await flow.at(at(pictures, 0), '1 of 3')
  await page.keyboard.press('PageDown')
  await flow.at(at(pictures, 1), '2 of 3')
  await page.keyboard.press('PageDown')
  await flow.at(at(pictures, 2), '3 of 3')
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
  // Whoever begins to type at once types the comment.
  await expect(dialog.getByRole('textbox')).toBeFocused()
  await page.keyboard.type('Is this a cat?')
  await dialog.getByRole('button', { name: 'Mark for review' }).click()
  await expect(flow.mark).toContainText('Needs review')
  await expect(flow.mark).toContainText(`by ${keeper.name}`)
  await expect(flow.bar.getByRole('note', { name: 'What was said' })).toHaveText('Is this a cat?')
  await labels.said('Marked: needs review. This is the last picture')

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

test('whoever asks for a review goes on, as after the other marks', async ({ page, api }) => {
  await api.signIn(keeper)
  const { word, pictures } = await row(api, 2)
  await open(page, `/picture/${at(pictures, 0).id}/annotate?ordering=title-asc&query=${encodeURIComponent(titled(word))}`)
  const flow = new FlowBar(page)
  await flow.at(at(pictures, 0), '1 of 2')
  await page.keyboard.press('Alt+Enter')
  await expect(page.getByRole('dialog', { name: 'Needs review' }).getByRole('textbox')).toBeFocused()
  await page.keyboard.type('Blurred?')
  await page.keyboard.press('Control+Enter')
  const second = await flow.at(at(pictures, 1), '2 of 2')
  await new Labels(page).said('Marked: needs review. Picture 2 of 2')
  await expect(second.canvas).toBeFocused()
  await expect
    .poll(() => api.get<{ mark: unknown }>(`/picture/${at(pictures, 0).id}/mark`).then(({ mark }) => mark))
    .toMatchObject({ state: 'needs_review', comment: 'Blurred?' })
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
  const fetched = fetchedAfter(page, at(pictures, 0))
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

/** Requests that do not go on before they are let go. */
class Held {
  readonly requests: (() => void)[] = []
  private over = false

  async take(): Promise<void> {
    if (!this.over) await new Promise<void>((letGo) => this.requests.push(letGo))
  }

  letAllGo(): void {
    this.over = true
    for (const letGo of this.requests) letGo()
  }
}

/** Opens the first of two pictures in a row, of which the second cannot be fetched before its request is let go. */
async function startHeld(page: Page, api: Api): Promise<{ flow: FlowBar; first: Picture; second: Picture; held: Held }> {
  const { word, pictures } = await row(api, 2)
  const [first, second] = [at(pictures, 0), at(pictures, 1)]
  const held = new Held()
  await page.route(/\/fn\/picture_to_annotate$/, async (route) => {
    const { id } = route.request().postDataJSON() as { id: number }
    if (id === second.id) await held.take()
    await route.continue()
  })
  await open(page, `/picture/${first.id}/annotate?ordering=title-asc&query=${encodeURIComponent(titled(word))}`)
  const flow = new FlowBar(page)
  await flow.at(first, '1 of 2')
  // It is fetched in advance, in vain.
  await expect.poll(() => held.requests.length).toBe(1)
  return { flow, first, second, held }
}

test('a picture that somebody goes to twice is opened once', async ({ page, api, studio }) => {
  const { flow, first, second, held } = await startHeld(page, api)
  await page.keyboard.press('PageDown')
  await expect.poll(() => held.requests.length).toBe(2)
  await page.goBack()
  await flow.at(first, '1 of 2')
  await page.keyboard.press('PageDown')
  await expect.poll(() => held.requests.length).toBe(3)
  held.requests[1]?.()
  const editor = await flow.at(second, '2 of 2')
  const image = page.locator('.editor-still img')
  await image.evaluate((image) => image.setAttribute('data-first', ''))
  const answered = page.waitForResponse(/\/fn\/picture_to_annotate$/)
  held.requests[2]?.()
  await answered
  held.letAllGo()
  await editor.drawBox([0.2, 0.2], [0.5, 0.6])
  await editor.pickObject(studio.object)
  await editor.saved()
  await expect(image).toHaveAttribute('data-first', '')
  await expect(editor.regions).toHaveCount(1)
})

/** Remembers from now on what is said to people who do not see the page. */
async function listen(page: Page): Promise<() => Promise<string[]>> {
  const heard = await page.evaluateHandle(() => {
    const heard: string[] = []
    const places = [...document.querySelectorAll('p[aria-live="polite"]')]
    const listener = new MutationObserver(() => heard.push(...places.map((place) => place.textContent ?? '').filter(Boolean)))
    for (const place of places) listener.observe(place, { characterData: true, childList: true, subtree: true })
    return heard
  })
  return () => heard.jsonValue()
}

test('who turns back before the next picture is there takes nothing of it along', async ({ page, api }) => {
  await api.signIn(keeper)
  const { flow, first, second, held } = await startHeld(page, api)
  await flow.button('Done').focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => held.requests.length).toBe(2)
  await page.goBack()
  await flow.at(first, '1 of 2')
  await expect(flow.mark).toContainText('Done')
  held.letAllGo()
  await flow.button('Next without regions').focus()
  const heard = await listen(page)
  await page.goForward()
  await flow.at(second, '2 of 2')
  // What was to be said on arrival would have been said before this.
  await page.keyboard.press('Control+s')
  await expect.poll(heard).toContain('Everything is saved')
  expect((await heard()).filter((words) => words.includes('Marked: done'))).toEqual([])
  await expect(flow.button('Done')).not.toBeFocused()
})

test('the next picture cannot be fetched, and the way back leads to the work', async ({ page, api, watch, studio }) => {
  watch.allow(/ERR_FAILED/)
  const { word, pictures } = await row(api, 2)
  const [first, second] = [at(pictures, 0), at(pictures, 1)]
  await page.route(/\/fn\/picture_to_annotate$/, (route) => {
    const { id } = route.request().postDataJSON() as { id: number }
    return id === second.id ? route.abort('failed') : route.continue()
  })
  await open(page, `/picture/${first.id}/annotate?ordering=title-asc&query=${encodeURIComponent(titled(word))}`)
  const flow = new FlowBar(page)
  const editor = await flow.at(first, '1 of 2')
  await editor.drawBox([0.2, 0.2], [0.5, 0.6])
  await editor.pickObject(studio.object)
  await page.keyboard.press('PageDown')
  await expect(page.getByRole('alert').getByRole('heading', { name: 'The server does not answer' })).toBeVisible()
  await page.goBack()
  const again = await flow.at(first, '1 of 2')
  await expect(again.regions).toHaveCount(1)
  await again.saved()
  expect(await api.annotations(first.id)).toHaveLength(1)
  await page.unroute(/\/fn\/picture_to_annotate$/)
  await page.keyboard.press('PageDown')
  await flow.at(second, '2 of 2')
})

test('the map never shows the picture before', async ({ page, api }) => {
  await api.signIn(keeper)
  const { word, pictures } = await row(api, 2)
  const [first, second] = [at(pictures, 0), at(pictures, 1)]
  await open(page, `/picture/${first.id}/annotate?ordering=title-asc&query=${encodeURIComponent(titled(word))}`)
  const flow = new FlowBar(page)
  await flow.at(first, '1 of 2')
  const { canvas, minimap } = new SeeingPage(page, first)
  const map = minimap.locator('img')
  const zoomIn = async (): Promise<void> => {
    await canvas.focus()
    for (let turn = 0; turn < 6; turn += 1) await page.keyboard.press('+')
    await expect(minimap).toBeVisible()
  }
  const width = (): Promise<number> => map.evaluate((image: HTMLImageElement) => image.naturalWidth)
  await zoomIn()
  await expect.poll(width).toBeGreaterThan(0)
  let held = true
  await page.route(/\/thumbnail\//, async (route) => {
    while (held) await new Promise((resolve) => setTimeout(resolve, 50))
    await route.continue().catch(() => undefined)
  })
  // What is drawn stays until the next one has come, if only the address of an image changes.
  await map.evaluate((image) => image.setAttribute('data-before', ''))
  await page.keyboard.press('PageDown')
  await flow.at(second, '2 of 2')
  await zoomIn()
  await expect(map).not.toHaveAttribute('data-before')
  expect(await width()).toBe(0)
  held = false
  await expect.poll(width).toBeGreaterThan(0)
})

test('an object that is still being made belongs to the picture before', async ({ page, api, watch }) => {
  await api.signIn(keeper)
  watch.allow(/ERR_FAILED/)
  const { word, pictures } = await row(api, 2)
  const [first, second] = [at(pictures, 0), at(pictures, 1)]
  const [slow, quick] = [newName('Slow '), newName('Quick ')]
  let fail = (): void => undefined
  await page.route(/create_object/, async (route) => {
    if (route.request().postData()?.includes(slow) !== true) return route.continue()
    await new Promise<void>((done) => (fail = done))
    await route.abort('failed')
  })
  await open(page, `/picture/${first.id}/annotate?ordering=title-asc&query=${encodeURIComponent(titled(word))}`)
  const flow = new FlowBar(page)
  const editor = await flow.at(first, '1 of 2')
  await editor.drawBox([0.2, 0.2], [0.5, 0.6])
  const asked = page.waitForRequest(/create_object/)
  await editor.object.fill(slow)
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await asked
  await flow.button('Next picture').click()
  const next = await flow.at(second, '2 of 2')
  await next.drawBox([0.2, 0.2], [0.5, 0.6])
  await next.object.fill(quick)
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await next.saved()
  fail()
  await expect(page.locator('.toast')).toContainText(`“${slow}” was not made`)
  await expect(page.locator('.object-problem')).toBeEmpty()
  expect((await api.annotations(second.id)).map((region) => region.object)).toEqual([quick])
})

test('a finger that is held on one picture means nothing on the next', async ({ page, api, studio }) => {
  const { word, pictures } = await row(api, 2)
  const [first, second] = [at(pictures, 0), at(pictures, 1)]
  const box = (x: number): unknown => ({ type: 'bbox', shape: { x, y: 0.4, w: 0.2, h: 0.2 }, object: studio.object })
  await api.post(`/picture/${second.id}/annotations`, [box(0.1), box(0.6)])
  const fetched = fetchedAfter(page, first)
  await open(page, `/picture/${first.id}/annotate?ordering=title-asc&query=${encodeURIComponent(titled(word))}`)
  await fetched
  const flow = new FlowBar(page)
  const editor = await flow.at(first, '1 of 2')
  await editor.tool('Select')
  await editor.canvas.focus()
  const place = await editor.at([0.5, 0.9])
  // Quicker than a hand, so that it happens within the time for which a finger is held. A click beside them ends the selection.
  await editor.canvas.evaluate(async (canvas, { place: { x, y }, title }) => {
    const point = (type: string, pointerType: string): unknown =>
      canvas.dispatchEvent(
        new PointerEvent(type, { bubbles: true, pointerType, pointerId: pointerType === 'mouse' ? 1 : 7, clientX: x, clientY: y }),
      )
    const press = (key: string, code: string, ctrlKey = false): unknown =>
      canvas.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, key, code, ctrlKey }))
    point('pointerdown', 'touch')
    press('PageDown', 'PageDown')
    while (document.querySelector('h1')?.textContent !== title) await new Promise(requestAnimationFrame)
    press('a', 'KeyA', true)
    point('pointerdown', 'mouse')
    await new Promise((done) => setTimeout(done, 700))
    point('pointerup', 'mouse')
  }, { place, title: second.title })
  await flow.at(second, '2 of 2')
  await expect(page.locator('#object-picker-hint')).toHaveText('for new regions')
})
