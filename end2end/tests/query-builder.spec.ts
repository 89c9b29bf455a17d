import { QueryBuilder } from '../pages/query-builder'
import { violations } from '../support/axe'
import { expect, keeper, newName, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

test.describe('the builder of queries', () => {
  let first = ''
  let second = ''
  let object = ''

  test.beforeEach(async ({ api }) => {
    await api.signIn(keeper)
    object = newName('Wombat ')
    await api.newObject(object)
    const shape = { x: 0.25, y: 0.25, w: 0.5, h: 0.5 }
    const title = newName('built-')
    first = `${title} first`
    second = `${title} second`
    await api.upload(drawing('a.png'), { title: first, annotations: [{ type: 'bbox', shape, object }] })
    await api.upload(drawing('b.png', 300, 200), { title: second, annotations: [{ type: 'bbox', shape, object }] })
  })

  test('makes a query by clicks, and the pictures follow', async ({ page }) => {
    const builder = new QueryBuilder(page)
    await builder.open()
    await builder.add('must', 'Shows')
    await builder.pick(builder.card('Shows'), object)
    await expect(builder.text).toHaveValue(`want:\n  - has: ${object}\n`)
    await builder.finds([first, second])
    await builder.add('must not', 'At least this wide')
    const width = builder.card('At least this wide')
    await width.getByRole('spinbutton').fill('400')
    await expect(builder.text).toHaveValue(`want:\n  - has: ${object}\nexclude:\n  - above_width: 400\n`)
    await expect(width.getByRole('spinbutton')).toBeFocused()
    await builder.finds([second])
    await builder.press('Turn into must', 'At least this wide')
    await builder.finds([first])
    await expect(builder.mustNot).toHaveCount(0)
    await builder.press('Turn into must not', 'At least this wide')
    await builder.finds([second])
    await builder.press('Turn into must', 'At least this wide')
    await builder.finds([first])
    await builder.press('Disable', 'At least this wide')
    await expect(builder.text).toHaveValue(`want:\n  - has: ${object}\n  # - above_width: 400\n`)
    await builder.finds([first, second])
    await builder.press('Remove', 'Shows')
    await expect(builder.must).toHaveCount(1)
  })

  test('follows the text, and keeps what it had while the text is wrong', async ({ page, watch }) => {
    watch.allow(/400/)
    const builder = new QueryBuilder(page)
    await builder.open(`want:\n  - has: ["${object}"]\n`)
    await expect(builder.must).toHaveCount(1)
    await builder.write(`want:\n  - has: ["${object}"]\n  - title: ${first}\n`)
    await expect(builder.must).toHaveCount(2)
    await expect(builder.card('Title').getByRole('textbox')).toHaveValue(first)
    await builder.write(`want:\n  - has: [\n`)
    await expect(page.locator('.query-cards.broken')).toBeVisible()
    await expect(builder.must).toHaveCount(2)
  })

  test('leaves the rest of the text alone, and asks before a comment goes', async ({ page }) => {
    const builder = new QueryBuilder(page)
    await builder.open('want:\n  # large ones\n  - above_width: 1 # wide\n  - above_height: 1\n')
    const height = builder.card('At least this high')
    await height.getByRole('spinbutton').fill('2')
    await expect(builder.text).toHaveValue('want:\n  # large ones\n  - above_width: 1 # wide\n  - above_height: 2\n')
    await builder.press('Remove', 'At least this wide')
    const question = page.getByRole('dialog', { name: 'Comments would get lost' })
    await expect(question).toContainText('# wide')
    await question.getByRole('button', { name: 'Cancel' }).click()
    await expect(builder.must).toHaveCount(2)
    await builder.press('Remove', 'At least this wide')
    await question.getByRole('button', { name: 'Go ahead' }).click()
    await expect(builder.must).toHaveCount(1)
    await expect(builder.text).not.toHaveValue(/wide/)
  })

  test('moves cards, and undo takes back what it did', async ({ page }) => {
    const builder = new QueryBuilder(page)
    const text = 'want:\n  - above_width: 1\n  - above_height: 2\n'
    await builder.open(text)
    await builder.press('Move down', 'At least this wide')
    await expect(builder.text).toHaveValue('want:\n  - above_height: 2\n  - above_width: 1\n')
    await expect(page.getByRole('button', { name: 'Move down: At least this wide' })).toBeFocused()
    await builder.text.focus()
    await builder.text.press('Control+z')
    await expect(builder.text).toHaveValue(text)
    await builder.must.first().locator('.query-grip').hover()
    await page.mouse.down()
    const last = await builder.must.last().boundingBox()
    await page.mouse.move(100, (last?.y ?? 0) + (last?.height ?? 0) - 10, { steps: 4 })
    await page.mouse.up()
    await expect(builder.text).toHaveValue('want:\n  - above_height: 2\n  - above_width: 1\n')
  })

  test('is accessible with everything open that opens', async ({ page, api }) => {
    await api.newObject(newName('Wombat '))
    const builder = new QueryBuilder(page)
    await builder.open(`want:\n  - has: ["${object}"]\n  - licence: CC0-1.0\nexclude:\n  - after_date: 2024-12-31\n  - above_rating: 3.5\n  # - above_width: 1\n`)
    await expect(builder.mustNot).toHaveCount(3)
    const shows = builder.card('Shows')
    await shows.getByRole('button', { name: 'Browse the tree' }).click()
    await expect(shows.getByRole('treeitem', { name: object })).toBeVisible()
    await shows.getByRole('combobox').fill('wombat')
    await expect(shows.getByRole('option').first()).toBeVisible()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await violations(page)).toEqual([])
    }
    await page.getByRole('button', { name: 'Add a rule: must', exact: true }).click()
    await expect(page.getByRole('dialog', { name: 'Add a rule' })).toBeVisible()
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await violations(page)).toEqual([])
    }
  })

  test('keeps a rule while another number is typed, and empties it when one is done', async ({ page }) => {
    const builder = new QueryBuilder(page)
    await builder.open('want:\n  - above_width: 350\n')
    const width = builder.card('At least this wide').getByRole('spinbutton')
    await width.press('ControlOrMeta+a')
    await width.press('Backspace')
    await expect(width).toHaveValue('')
    await expect(builder.text).toHaveValue('want:\n  - above_width: 350\n')
    await width.pressSequentially('20')
    await expect(builder.text).toHaveValue('want:\n  - above_width: 20\n')
    await width.press('ControlOrMeta+a')
    await width.press('Backspace')
    await width.press('Tab')
    await expect(builder.text).not.toHaveValue(/above_width/)
    await expect(builder.card('At least this wide')).toBeVisible()
  })

  test('says when names cannot be had', async ({ page, watch }) => {
    watch.allow(/fn\/|ERR_FAILED/)
    const builder = new QueryBuilder(page)
    await builder.open()
    await builder.add('must', 'Shows')
    const card = builder.card('Shows')
    let cut = true
    await page.route(/\/fn\/object/, (route) => (cut ? route.abort('failed') : route.continue()))
    await card.getByRole('combobox', { name: 'Shows' }).fill('wom')
    await expect(card.getByRole('alert').filter({ hasText: /./ })).toBeVisible()
    await card.getByRole('button', { name: 'Browse the tree' }).click()
    cut = false
    await card.getByRole('button', { name: 'Try again' }).click()
    await expect(page.getByRole('treeitem', { name: object })).toBeVisible()
    await card.getByRole('combobox', { name: 'Shows' }).fill(object)
    await expect(card.getByRole('option', { name: object })).toBeVisible()
    await expect(card.getByRole('alert').filter({ hasText: /./ })).toHaveCount(0)
  })

  test('opens the tree of objects at what is chosen', async ({ page, api }) => {
    const [top, middle, leaf] = [newName('Plant '), newName('Rose '), newName('Dog rose ')]
    await api.newObject(top)
    await api.newObject(middle, [top])
    await api.newObject(leaf, [middle])
    const builder = new QueryBuilder(page)
    await builder.open(`want:\n  - has: ["${leaf}"]\n`)
    const card = builder.card('Shows')
    await card.getByRole('button', { name: 'Browse the tree' }).click()
    const row = card.getByRole('treeitem', { name: leaf, exact: true })
    await expect(row).toBeInViewport()
    await expect(row).toHaveAttribute('aria-selected', 'true')
    await expect(row).toHaveAttribute('aria-level', '3')
    const tree = card.getByRole('tree', { name: 'Objects' })
    await expect(tree).toHaveAttribute('aria-activedescendant', (await row.getAttribute('id')) ?? '')
    // From there the keyboard goes on.
    await tree.focus()
    await tree.press('ArrowLeft')
    await tree.press('Enter')
    await expect(builder.text).toHaveValue(new RegExp(middle))
  })

  test('has a control for every kind of argument', async ({ page }) => {
    const builder = new QueryBuilder(page)
    await builder.open(`want:\n  - has: ["${object}"]\n  - licence: CC0-1.0\n  - after_date: 2024-12-31\n  - above_rating: 3.5\n`)
    const shows = builder.card('Shows')
    await shows.getByRole('switch', { name: 'With descendants' }).uncheck()
    await expect(builder.text).toHaveValue(/has_object:/)
    await builder.card('Labelled exactly').getByRole('button', { name: 'Browse the tree' }).click()
    await expect(page.getByRole('treeitem', { name: object })).toHaveAttribute('aria-selected', 'true')
    await builder.card('Licence').getByRole('button', { name: 'No attribution' }).click()
    await expect(builder.text).toHaveValue(/X-public-domain/)
    await builder.card('Posted after').getByLabel('Posted after, 00:00 UTC').fill('2025-01-02')
    await expect(builder.text).toHaveValue(/after_date: 2025-01-02/)
    const stars = builder.card('Rated at least').getByRole('slider')
    await stars.focus()
    await stars.press('ArrowRight')
    await expect(builder.text).toHaveValue(/above_rating: 4/)
    await builder.card('Rated at least').getByRole('combobox', { name: 'What is asked' }).selectOption('Rated at most')
    await expect(builder.text).toHaveValue(/below_rating: 4/)
    await builder.card('Rated at most').locator('.query-star').nth(1).click()
    await expect(builder.text).toHaveValue(/below_rating: 2/)
    await builder.card('Licence').getByRole('button', { name: 'Commercial use' }).click()
    await expect(builder.text).toHaveValue(/CC-BY-4\.0/)
    await expect(builder.text).not.toHaveValue(/CC-BY-NC/)
  })

  test('finds people, galleries and datasets by name, sizes and dates by a click', async ({ page, api }) => {
    const { id: gallery } = await api.post<{ id: number }>('/new-gallery', { title: newName('Marsupials ') })
    const { title } = await api.get<{ title: string }>(`/gallery/${gallery}`)
    const made = { namespace: keeper.name, name: newName('wombats-'), visibility: 'public' }
    await api.post('/v1/datasets', made)
    const builder = new QueryBuilder(page)
    await builder.open()
    await builder.add('must', 'Posted by')
    await builder.pick(builder.card('Posted by'), keeper.name)
    await builder.add('must not', 'In gallery')
    const galleries = builder.card('In gallery')
    await galleries.getByRole('combobox').fill(title.slice(0, 20).toUpperCase())
    await galleries.getByRole('option').filter({ hasText: title }).click()
    await expect(galleries.locator('.query-chip')).toContainText(title)
    await builder.add('must not', 'In dataset')
    await builder.pick(builder.card('In dataset'), made.name)
    await builder.add('must', 'At least this high')
    await builder.card('At least this high').getByRole('group', { name: 'Usual values' }).getByRole('button', { name: 'Full HD' }).click()
    await builder.add('must', 'Posted between')
    await builder.card('Posted after').getByLabel('Posted after, 00:00 UTC').fill('2025-01-02')
    await builder.card('Posted before').getByLabel('Posted before, 00:00 UTC').fill('2030-01-02')
    await expect(builder.text).toHaveValue(
      [
        'want:',
        `  - author: ${keeper.name}`,
        '  - above_height: 1080',
        '  - after_date: 2025-01-02',
        '  - before_date: 2030-01-02',
        'exclude:',
        `  - in_gallery: ${gallery}`,
        `  - in_dataset: ${keeper.name}/${made.name}`,
        '',
      ].join('\n'),
    )
    await expect(builder.errors.getByRole('listitem')).toHaveCount(0)
    await builder.card('Posted after').getByRole('button', { name: 'a year ago' }).click()
    await expect(builder.text).not.toHaveValue(/after_date: 2025-01-02/)
    // What is left out lies beyond an end, so that there are no ranges.
    await page.getByRole('button', { name: 'Add a rule: must not', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: 'Add a rule' })
    await expect(dialog.getByRole('button', { name: 'Posted before' })).toBeVisible()
    await expect(dialog.getByRole('button', { name: 'Posted between' })).toHaveCount(0)
  })
})

test.describe('the builder on a telephone', () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true })

  test('fits, with controls that fingers can hit', async ({ page }) => {
    const builder = new QueryBuilder(page)
    await builder.open('want:\n  - above_width: 1\n  - above_rating: 3.5\n')
    await expect(builder.must).toHaveCount(2)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    for (const button of await builder.must.getByRole('button').all()) {
      const box = await button.boundingBox()
      expect(box?.height).toBeGreaterThanOrEqual(44)
    }
  })
})
