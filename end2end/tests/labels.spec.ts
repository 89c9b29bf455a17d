import AxeBuilder from '@axe-core/playwright'
import { newcomer } from '../pages/accounts'
import { EditorPage, type Place } from '../pages/editor'
import { Labels } from '../pages/labels'
import { Api, type Page, type Picture, expect, newName, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

/** Everything that WCAG 2.2 AA asks for and a program can check, and axe's own good practice. */
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(rules).analyze()
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)).toEqual([])
}

/** Somebody with settings of their own, and a picture with two regions of different objects. */
async function desk(page: Page, api: Api): Promise<{ editor: EditorPage; labels: Labels; picture: Picture; cat: string; dog: string }> {
  await newcomer(page)
  const [cat, dog] = [newName('Cat '), newName('Dog ')]
  const animal = newName('Animal ')
  await api.newObject(animal)
  await api.post('/new-object', { id: cat, description: 'purrs', parents: [animal] })
  await api.newObject(dog)
  const annotations = [
    { type: 'bbox', shape: { x: 0.1, y: 0.1, w: 0.2, h: 0.2 }, object: cat },
    { type: 'bbox', shape: { x: 0.6, y: 0.6, w: 0.2, h: 0.2 }, object: dog },
  ]
  const picture = await api.upload(drawing('labels.png'), { annotations })
  const editor = new EditorPage(page, picture)
  await editor.open()
  return { editor, labels: new Labels(page), picture, cat, dog }
}

test('one key leads to the objects from anywhere, and a digit picks a favourite', async ({ page, api }) => {
  const { editor, labels, picture, cat, dog } = await desk(page, api)
  const objects = async (): Promise<string[]> => (await api.annotations(picture.id)).map((region) => region.object)

  // The name has letters that are commands elsewhere. However quickly they come after the key, they are letters here.
  await editor.click([0.7, 0.7])
  for (const key of ['o', ...cat]) await page.keyboard.press(key)
  await expect(editor.object).toBeFocused()
  await expect(editor.object).toHaveValue(cat)
  await expect(editor.button('Select')).toHaveAttribute('aria-pressed', 'true')
  await expect(editor.selectedOption).toContainText(cat)
  await expect(editor.selectedOption.locator('.object-ancestors')).toHaveText(/^animal /)
  await expect(editor.selectedOption.locator('mark').first()).toHaveText(cat)
  await page.keyboard.press('Control+d')
  await expect(labels.favourites).toHaveText([`3${cat}`])
  await page.keyboard.press('Enter')
  await editor.saved()
  expect(await objects()).toEqual([cat, cat])
  await labels.said('The region is ' + cat)

  // A letter is a command or nothing, and then it is said which key was meant.
  for (const key of ['z', 'Shift+D', 'r']) {
    await page.keyboard.press(key)
    await labels.said(/^No command has the key .; O looks for an object$/)
    await expect(editor.canvas).toBeFocused()
  }

  await editor.object.fill(dog)
  await editor.selectedOption.locator('.object-star').click()
  await expect(labels.favourites).toHaveText([`3${cat}`, `4${dog}`])
  await page.keyboard.press('Escape')
  await page.keyboard.press('4')
  await editor.saved()
  expect(await objects()).toEqual([cat, dog])
  await page.keyboard.press('9')
  await labels.said('No object has the digit 9 yet; a star in the list of objects gives it')

  // Both are still there after a reload: favourites by the account, the recent ones first in this browser.
  await expect.poll(() => api.get('/account/editor-settings')).toMatchObject({ favourites: { 3: cat, 4: dog } })
  await editor.open()
  await expect(labels.favourites).toHaveText([`3${cat}`, `4${dog}`])
  await page.keyboard.press('o')
  await expect(editor.options.nth(0)).toContainText(dog)
  await expect(editor.options.nth(1)).toContainText(cat)
  await expectAccessible(page)
})

test('an object is found by what it is a kind of, and by few letters', async ({ page, api }) => {
  const { editor, labels } = await desk(page, api)
  const [above, below] = [newName('Furniture '), newName('Dining table ')]
  await api.newObject(above)
  await api.post('/new-object', { id: below, description: '', parents: [above] })
  await editor.open()
  await editor.object.fill(above)
  await expect(editor.options.nth(0)).toContainText(above)
  await expect(editor.options.nth(1)).toContainText(below)
  await editor.object.fill('dita' + below.split(' ')[2]?.slice(0, 5))
  await expect(editor.selectedOption).toContainText(below)
  await page.keyboard.press('Enter')
  await labels.said(`${below} is for the next region`)
})

test('a key is given to another command, and holds in another browser', async ({ page, api, elsewhere, baseURL }) => {
  const { editor, labels, picture } = await desk(page, api)
  await page.keyboard.press('?')
  await labels.shortcuts.getByRole('button', { name: 'Change keys' }).click()
  await labels.addKey('Fit', 'Control+w')
  await expect(labels.news).toHaveText('Ctrl+W cannot be used: the browser keeps it for its tabs and windows.')
  await labels.addKey('Fit', 'b')
  await expect(labels.news).toHaveText('B is the key of “Box”.')
  await labels.shortcuts.getByRole('button', { name: 'Take it from Box' }).click()
  await expect(labels.news).toHaveText('“Fit” has the key B now.')
  await labels.addKey('Box', 'F7')
  await labels.addKey('Next picture', 'n')
  await expectAccessible(page)
  await labels.shortcuts.getByRole('button', { name: 'Close' }).click()
  await expect(editor.button('Box')).toHaveAttribute('title', 'Box (F7)')
  await expect(editor.button('Fit')).toHaveAttribute('aria-keyshortcuts', '0 B')
  await expect(editor.button('Next picture')).toHaveAttribute('title', 'Next picture (PageDown or N)')
  await expect.poll(() => api.get('/account/editor-settings')).toMatchObject({ keys: { fit: ['0', 'B'], box: ['F7'] } })

  const other = await elsewhere({ storageState: await page.context().storageState() })
  const second = new EditorPage(other, picture)
  await second.open(baseURL)
  await other.keyboard.press('b')
  await expect(second.button('Box')).toHaveAttribute('aria-pressed', 'false')
  await other.keyboard.press('F7')
  await expect(second.button('Box')).toHaveAttribute('aria-pressed', 'true')

  const there = new Labels(other)
  await other.keyboard.press('?')
  await there.shortcuts.getByRole('button', { name: 'Change keys' }).click()
  await there.shortcuts.getByRole('button', { name: 'Reset Box' }).click()
  await expect(second.button('Box')).toHaveAttribute('title', 'Box (B)')
  await expect(second.button('Fit')).toHaveAttribute('aria-keyshortcuts', '0')
  await there.shortcuts.getByLabel('Letters pick objects').check()
  await there.shortcuts.getByRole('button', { name: 'Close' }).click()
  await other.keyboard.press('p')
  await expect(second.object).toHaveValue('p')
  await other.keyboard.press('Escape')
  await other.keyboard.press('Alt+p')
  await expect(second.button('Point')).toHaveAttribute('aria-pressed', 'true')
  await expect(second.button('Point')).toHaveAttribute('title', 'Point (Alt+P)')
  await expect(second.button('Next picture')).toHaveAttribute('aria-keyshortcuts', 'PageDown Alt+N')
})

test('the keyboard stays in the list of shortcuts, and no key reaches what is behind it', async ({ page, api }) => {
  const { editor, labels } = await desk(page, api)
  await labels.row(0).click()
  await page.keyboard.press('?')
  const change = labels.shortcuts.getByRole('button', { name: 'Change keys' })
  await change.click()
  await labels.addKey('Box', 'F7')
  await labels.shortcuts.getByRole('button', { name: 'Take F7 from Box' }).click()
  await expect(labels.shortcuts.getByRole('button', { name: 'Add a key for Box', exact: true })).toBeFocused()
  await labels.addKey('Box', 'F7')
  await labels.shortcuts.getByRole('button', { name: 'Reset all' }).click()
  await expect(change).toBeFocused()
  await page.evaluate(() => (document.activeElement as HTMLElement).blur())
  for (const key of ['Delete', 'p']) await page.keyboard.press(key)
  await expect(editor.regions).toHaveCount(2)
  await page.keyboard.press('Escape')
  await expect(labels.shortcuts).toBeHidden()
  await expect(editor.button('Point')).toHaveAttribute('aria-pressed', 'false')
  await expect(labels.row(0)).toHaveAttribute('aria-pressed', 'true')
})

test('other layouts and input methods have their keys, and fields have theirs', async ({ page, api }) => {
  const { editor, cat } = await desk(page, api)
  await api.put('/account/editor-settings', { keys: { save: ['Q'], palette: ['Enter'] } })
  await editor.open()
  await editor.pressAs(editor.canvas, { key: 'и', code: 'KeyB' })
  await expect(editor.button('Box')).toHaveAttribute('aria-pressed', 'true')
  await editor.drawBox([0.4, 0.1], [0.5, 0.2])
  await editor.pickObject(cat)
  await expect(editor.regions).toHaveCount(3)
  await editor.pressAs(editor.canvas, { key: 'я', code: 'KeyZ', ctrlKey: true })
  await editor.pressAs(editor.canvas, { key: 'я', code: 'KeyZ', ctrlKey: true })
  await expect(editor.regions).toHaveCount(2)
  // Browsers that fill in passwords send such an event, and it is none of a keyboard.
  await page.evaluate(() => window.dispatchEvent(new Event('keydown')))

  await editor.object.fill('')
  await page.keyboard.type('quick')
  await expect(editor.object).toHaveValue('quick')
  await editor.object.fill(cat)
  await expect(editor.selectedOption).toContainText(cat)
  for (const key of ['Enter', 'Escape']) await editor.pressAs(editor.object, { key, isComposing: true })
  await editor.pressAs(editor.object, { key: 'Enter', keyCode: 229 } as KeyboardEventInit)
  await expect(editor.object).toHaveAttribute('aria-expanded', 'true')
  await page.keyboard.press('Escape')
})

test('every command is found by its name', async ({ page, api }) => {
  const { editor, labels } = await desk(page, api)
  await page.keyboard.press('Control+k')
  await expect(labels.command).toBeFocused()
  await expectAccessible(page)
  await page.keyboard.type('poly')
  await expect(labels.commands.first()).toContainText('Polygon')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  await expect(labels.palette).toBeHidden()
  await expect(editor.button('Polygon')).toHaveAttribute('aria-pressed', 'true')

  // What cannot be done now is said to be so.
  await page.keyboard.press('Control+k')
  await page.keyboard.type('duplicate')
  await expect(labels.command).toHaveValue('duplicate')
  await editor.pressAs(labels.command, { key: 'Enter', isComposing: true })
  await expect(labels.palette.getByRole('status')).toHaveText('')
  await expect(labels.commands.first()).toHaveAttribute('aria-disabled', 'true')
  await page.keyboard.press('Enter')
  await expect(labels.palette.getByRole('status')).toHaveText('“Duplicate” cannot be done now.')
  await labels.command.fill('')
  await page.keyboard.type('object')
  await page.keyboard.press('Enter')
  await expect(editor.object).toBeFocused()
})

test('the list of regions is worked with by keyboard', async ({ page, api }) => {
  const { editor, labels, picture, cat, dog } = await desk(page, api)
  const regions = () => api.annotations(picture.id)
  await expect(editor.regions).toHaveText([new RegExp(`${cat}.*box.*\\d+×\\d+`), new RegExp(dog)])
  await labels.row(0).focus()
  await page.keyboard.press('ArrowDown')
  await expect(labels.row(1)).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(labels.row(1)).toHaveAttribute('aria-pressed', 'true')
  // What is pressed next, however quickly, is meant for the row that the key leads to.
  await page.keyboard.press('Home')
  await page.keyboard.press('Shift+Enter')
  await labels.said('2 regions selected')

  await page.keyboard.press('F2')
  await expect(editor.object).toBeFocused()
  await expect(page.getByText('of 2 selected regions')).toBeVisible()
  await editor.object.fill(dog)
  await page.keyboard.press('Enter')
  await labels.said(`2 regions are ${dog}`)
  await expect(labels.row(0)).toBeFocused()
  await editor.saved()
  expect((await regions()).map((region) => region.object)).toEqual([dog, dog])

  const before = (await regions())[0]?.shape as { x: number }
  await page.keyboard.press('Enter')
  await page.keyboard.press('m')
  await expect(editor.canvas).toBeFocused()
  await page.keyboard.press('Shift+ArrowRight')
  await page.keyboard.press('Escape')
  await expect(labels.row(0)).toBeFocused()
  await labels.said(/^Moved to \d+ pixels from the left and \d+ from the top$/)
  await editor.saved()
  const after = (await regions())[0]?.shape as { x: number }
  expect(after.x - before.x).toBeCloseTo(10 / picture.width, 6)

  await page.keyboard.press('Delete')
  await labels.said('Region deleted')
  await expect(editor.regions).toHaveCount(1)
  await expect(labels.row(0)).toBeFocused()
  await editor.saved()
  expect(await regions()).toHaveLength(1)
})

test('what is done from the list leaves the keyboard in it', async ({ page, api }) => {
  const { editor, labels, picture, cat, dog } = await desk(page, api)
  await api.put('/account/editor-settings', { favourites: { 3: cat, 4: dog } })
  await editor.open()
  const [first] = await api.annotations(picture.id)
  await labels.row(0).focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('4')
  await labels.said(`The region is ${dog}`)
  await expect(labels.row(0)).toContainText(dog)
  await expect(labels.row(0)).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await expect(labels.row(1)).toBeFocused()
  await editor.saved()
  expect((await api.annotations(picture.id))[0]?.shape).toEqual(first?.shape)

  // The row that has it may go altogether.
  await page.keyboard.press('Control+d')
  await expect(editor.regions).toHaveCount(3)
  await page.keyboard.press('End')
  await expect(labels.row(2)).toBeFocused()
  await page.keyboard.press('Control+z')
  await expect(editor.regions).toHaveCount(2)
  await expect(labels.row(1)).toBeFocused()

  // Where the system prescribes colours, outlines say what is selected.
  await page.emulateMedia({ forcedColors: 'active' })
  await page.keyboard.press('Enter')
  await expect(editor.regions.nth(1)).toHaveCSS('outline-style', 'solid')
  await expect(editor.button('Select')).toHaveCSS('outline-style', 'solid')
})

test('rows are selected by clicks: a range with Shift, one more or less with Control', async ({ page, api, studio }) => {
  const boxes = [0.05, 0.3, 0.55, 0.8].map((x) => ({ type: 'bbox', shape: { x, y: 0.4, w: 0.1, h: 0.1 }, object: studio.object }))
  await api.post(`/picture/${studio.picture.id}/annotations`, boxes)
  const [editor, labels] = [new EditorPage(page, studio.picture), new Labels(page)]
  await editor.open()
  const pressed = () => page.locator('.region-choose').evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-pressed')))
  await labels.row(2).click()
  await labels.said('Box: ' + studio.object + ', 3 of 4')
  await labels.row(0).click({ modifiers: ['Shift'] })
  expect(await pressed()).toEqual(['true', 'true', 'true', 'false'])
  await labels.row(3).click({ modifiers: ['Shift'] })
  expect(await pressed(), 'from the same row, the other way').toEqual(['false', 'false', 'true', 'true'])
  await labels.row(0).click({ modifiers: ['ControlOrMeta'] })
  await labels.row(2).click({ modifiers: ['ControlOrMeta'] })
  await labels.said('2 regions selected')
  expect(await pressed()).toEqual(['true', 'false', 'false', 'true'])
})

test('the list is filtered, and what is left is selected at once', async ({ page, api }) => {
  const { editor, labels, cat } = await desk(page, api)
  await labels.filter.fill(cat)
  await expect(editor.regions).toHaveCount(1)
  await expect(page.getByRole('heading', { name: /^Regions/ })).toHaveText(/1 of 2/)
  await page.getByRole('button', { name: 'Select all matching' }).click()
  await expect(labels.row(0)).toHaveAttribute('aria-pressed', 'true')
  await labels.said('Region selected')
  await labels.filter.fill('')
  await expect(editor.regions).toHaveCount(2)
  await expect(labels.row(1)).toHaveAttribute('aria-pressed', 'false')
  await labels.filter.press('Escape')
  await expect(editor.canvas).toBeFocused()

  // What has no object yet is found, too, and what saving waits for is selected.
  await editor.drawBox([0.4, 0.3], [0.5, 0.5])
  await page.keyboard.press('Escape')
  await labels.row(0).click()
  await labels.filter.fill('no object')
  await expect(editor.regions).toHaveCount(1)
  await editor.button('Save').click()
  await expect(editor.regions.first().getByRole('button').first()).toHaveAttribute('aria-pressed', 'true')
  await expect(editor.object).toBeFocused()
  await expect(editor.object).toHaveValue('')
})

test.describe('by touch', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 820, height: 1100 } })

  test('fingers draw, and select several regions', async ({ page, api }) => {
    const { editor, labels, picture, cat } = await desk(page, api)
    const tap = (place: Place): Promise<void> => labels.swipe(editor, [place])
    await editor.button('Box').tap()
    await labels.swipe(editor, [[0.4, 0.1], [0.5, 0.2], [0.55, 0.3]])
    await editor.pickObject(cat)
    await editor.saved()
    expect(await api.annotations(picture.id)).toHaveLength(3)

    await editor.button('Select').tap()
    await tap([0.2, 0.2])
    await expect(labels.row(0)).toHaveAttribute('aria-pressed', 'true')
    await editor.button('Add to selection').tap()
    await tap([0.7, 0.7])
    await labels.said('2 regions selected')
    await labels.swipe(editor, [[0.35, 0.05], [0.5, 0.2], [0.6, 0.35]])
    await labels.said('3 regions selected')
    await editor.button('Add to selection').tap()
    await tap([0.7, 0.7])
    await expect(labels.row(1)).toHaveAttribute('aria-pressed', 'true')
    await expect(labels.row(0)).toHaveAttribute('aria-pressed', 'false')

    // A palm draws nothing.
    await editor.button('Box').tap()
    await labels.swipe(editor, [[0.1, 0.6], [0.2, 0.7], [0.3, 0.8]], 60)
    await editor.saved()
    expect(await api.annotations(picture.id)).toHaveLength(3)

    await api.put(`/picture/${picture.id}/mark`, { state: 'needs_review', comment: 'Is this a cat?' })
    await editor.open()
    // What is a region's name has room, and what can be done to one is there once it is chosen.
    for (const row of await editor.regions.all()) {
      expect((await row.locator('.region-name').boundingBox())?.width).toBeGreaterThan(80)
      await expect(row.getByRole('button', { name: /^(Lock|Delete)/ })).toHaveCount(0)
    }
    await labels.row(0).tap()
    await expect(editor.regions.first().getByRole('button', { name: /^(Lock|Hide|Delete)/ })).toHaveCount(3)
    expect((await editor.regions.first().locator('.region-name').boundingBox())?.width).toBeGreaterThan(50)
    await editor.button('View').tap()
    await expect(page.getByRole('dialog', { name: 'View' })).toBeVisible()
    const targets = page.locator('.editor :is(button, a, input, label):visible').and(page.locator(':not(label *, [for])'))
    const small: string[] = []
    for (const target of await targets.all()) {
      const box = await target.boundingBox()
      const name = (await target.getAttribute('aria-label')) ?? (await target.innerText())
      if ((box?.height ?? 0) < 44 || (box?.width ?? 0) < 44) small.push(`${name}: ${box?.width}×${box?.height}`)
    }
    expect(small).toEqual([])
  })
})
