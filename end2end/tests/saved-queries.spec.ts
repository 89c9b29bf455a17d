import { SavedMenu, SavedQueriesPage } from '../pages/saved-queries'
import { violations } from '../support/axe'
import { expect, keeper, newName, open, test } from '../support/fixtures'

/** A text that no other story saves: a text says by itself which saved query it is. */
const textOf = (width: number): string => `want:\n  - above_width: ${width}\n  - title: ${newName('')}\n`

interface SavedQuery {
  id: number
  title: string
  query: string
  ordering: string
  public: boolean
}

test.describe('a query', () => {
  test('is saved under a name, changed, updated, and opened again', async ({ page, api, watch }) => {
    watch.allow(/409/)
    await api.signIn(keeper)
    const [name, other, taken] = [newName('wide-'), newName('other-'), newName('taken-')]
    const [wide, wider] = [textOf(1), textOf(2)]
    await api.post('/new-saved-query', { title: taken, query: textOf(3) })
    const kept = async (title: string): Promise<SavedQuery | undefined> =>
      (await api.get<SavedQuery[]>(`/saved-query?owner=${keeper.name}`)).find((saved) => saved.title === title)
    const saved = new SavedMenu(page)
    await saved.open(wide)
    await saved.wake()
    await saved.begin()
    await expect(saved.name).toBeFocused()
    expect(await violations(page)).toEqual([])
    await saved.name.fill(name)
    await saved.name.press('Enter')
    await expect(saved.dialog).toBeHidden()
    await expect(saved.menu).toHaveText(`Saved: ${name}`)
    expect(await kept(name)).toMatchObject({ query: wide, public: false })

    await saved.write(wider)
    await expect(saved.menu).toContainText('(changed)')
    await expect(page).toHaveURL(/above_width%3A%202/)
    await saved.open(wider)
    await saved.wake()
    await expect(saved.menu).toHaveText(`Saved: ${name} (changed)`)
    await saved.begin()
    await expect(saved.name).toHaveValue(name)
    await saved.everybody.check()
    await saved.press(`Update “${name}”`)
    await expect(saved.menu).toHaveText(`Saved: ${name}`)
    expect(await kept(name)).toMatchObject({ query: wider, public: true })

    await saved.write(wide)
    // Menus close when the page's address changes.
    await expect(page).toHaveURL(/above_width%3A%201/)
    await saved.begin()
    await saved.name.fill(taken)
    await saved.press('Save as another')
    await expect(page.locator('#saved-title-error')).toContainText('another query under this name')
    await expect(saved.name).toBeFocused()
    await saved.name.fill(other)
    await saved.press('Save as another')
    await expect(saved.menu).toHaveText(`Saved: ${other}`)
    await saved.choose(name)
    await expect(saved.text).toHaveValue(wider)
    await expect(saved.menu).toHaveText(`Saved: ${name}`)
    await saved.menu.click()
    expect(await violations(page)).toEqual([])
  })

  test('with errors is not saved, and says why', async ({ page, api, watch }) => {
    watch.allow(/400/)
    await api.signIn(keeper)
    const saved = new SavedMenu(page)
    await saved.open()
    await saved.wake()
    await saved.write('want:\n  - haz: Cat\n')
    await expect(page).toHaveURL(/haz/)
    await saved.begin()
    await saved.press('Save')
    await expect(page.locator('#saved-title-error')).toContainText('empty')
    await saved.name.fill(newName('wrong-'))
    await saved.press('Save')
    await expect(saved.dialog.getByRole('alert').filter({ hasText: 'line 2' })).toBeVisible()
  })

  test('waits for whoever signs in to save it', async ({ page }) => {
    const wide = textOf(1)
    const saved = new SavedMenu(page)
    await saved.open(wide)
    await saved.wake()
    await saved.begin()
    await saved.dialog.getByRole('link', { name: 'Sign in' }).click()
    await page.getByLabel('Username').fill(keeper.name)
    await page.getByLabel('Password', { exact: true }).fill(keeper.password)
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
    await expect(saved.text).toHaveValue(wide)
    await saved.wake()
    await saved.begin()
    const name = newName('late-')
    await saved.name.fill(name)
    await saved.press('Save')
    await expect(saved.menu).toHaveText(`Saved: ${name}`)
  })
})

test.describe('saved queries', () => {
  let first = ''
  let second = ''
  let wide = ''

  test.beforeEach(async ({ api }) => {
    wide = textOf(1)
    await api.signIn(keeper)
    first = newName('first-')
    second = newName('second-')
    for (const title of [first, second]) await api.post('/new-saved-query', { title, query: wide })
  })

  test('are listed, renamed, shown to others and deleted', async ({ page, elsewhere, watch }) => {
    watch.allow(/409/)
    const list = new SavedQueriesPage(page)
    await list.open(keeper.name)
    await list.rename(second, first)
    await expect(list.card(second).getByRole('alert')).toContainText('another query under this name')
    await expect(list.card(second).getByRole('textbox', { name: 'Name' })).toBeFocused()
    expect(await violations(page)).toEqual([])
    const third = newName('third-')
    await list.correct(second, third)
    await expect(list.card(third)).toContainText('above_width: 1')
    await expect(list.card(second)).toHaveCount(0)
    await expect(page.getByRole('link', { name: third, exact: true })).toBeFocused()

    await expect(list.card(third)).toContainText('Only for you')
    await list.card(third).getByRole('button', { name: `Make public: ${third}` }).click()
    await expect(list.card(third).getByRole('button', { name: `Make private: ${third}` })).toBeVisible()
    const others = new SavedQueriesPage(await elsewhere())
    await others.open(keeper.name)
    await expect(others.card(third)).toBeVisible()
    await expect(others.card(third).locator('summary')).toHaveCount(0)
    await expect(others.card(first)).toHaveCount(0)
    await open(others.page, `/user/${keeper.name}`)
    await expect(others.page.getByRole('region', { name: 'Saved queries' }).getByRole('link', { name: third, exact: true })).toBeVisible()

    await list.delete(first)
    await expect(list.card(first)).toHaveCount(0)
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused()
    await page.reload()
    await expect(list.card(third)).toBeVisible()
    await expect(list.card(first)).toHaveCount(0)
    await list.card(third).getByRole('link', { name: `Run: ${third}` }).click()
    await expect(page.getByRole('textbox', { name: 'Query', exact: true })).toHaveValue(wide)
  })

  test('keep the order of their pictures', async ({ page, api }) => {
    const saved = new SavedMenu(page)
    await open(page, `/query?ordering=title-asc&query=${encodeURIComponent(wide)}`)
    await saved.wake()
    await saved.begin()
    const name = newName('ordered-')
    await saved.name.fill(name)
    await saved.press('Save as another')
    await expect(saved.menu).toHaveText(`Saved: ${name}`)
    const [kept] = await api.get<SavedQuery[]>(`/saved-query?owner=${keeper.name}`)
    expect(kept).toMatchObject({ title: name, ordering: 'title-asc' })

    const order = page.getByRole('combobox', { name: 'Order' })
    await order.selectOption('number-regions-desc')
    await expect(page).toHaveURL(/number-regions-desc/)
    await expect(saved.menu).toHaveText(`Saved: ${name} (changed)`)
    await page.goBack()
    await expect(order).toHaveValue('title-asc')
    await page.goForward()
    await expect(order).toHaveValue('number-regions-desc')
    await saved.choose(name)
    await expect(order).toHaveValue('title-asc')

    const list = new SavedQueriesPage(page)
    await list.open(keeper.name)
    await expect(list.card(name)).toContainText('title a–z')
    await list.card(name).getByRole('link', { name, exact: true }).click()
    await expect(order).toHaveValue('title-asc')
    await expect(page.getByRole('textbox', { name: 'Query', exact: true })).toHaveValue(wide)
  })

  test.describe('without JavaScript', () => {
    test.use({ javaScriptEnabled: false })

    test('are renamed, shown to others and deleted just so', async ({ page, watch }) => {
      watch.allow(/ocellus\.js.*csp/)
      const list = new SavedQueriesPage(page)
      await page.goto(`/queries?owner=${keeper.name}`)
      await list.rename(second, first)
      await expect(page.getByRole('alert').filter({ hasText: 'another query under this name' })).toBeVisible()
      const third = newName('third-')
      await list.rename(second, third)
      await expect(list.card(third)).toBeVisible()
      await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toHaveCount(0)
      await list.card(third).getByRole('button', { name: `Make public: ${third}` }).click()
      await expect(list.card(third).getByRole('button', { name: `Make private: ${third}` })).toBeVisible()
      await list.delete(first)
      await expect(list.card(first)).toHaveCount(0)
      await expect(list.card(third)).toBeVisible()
    })
  })
})
