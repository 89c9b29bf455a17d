import { QueryEditor } from '../pages/query-editor'
import { violations } from '../support/axe'
import { expect, keeper, newName, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

test.describe('the text of a query', () => {
  test('has colours, and waves below what is wrong', async ({ page, watch }) => {
    watch.allow(/400/)
    const editor = new QueryEditor(page)
    await editor.open()
    await editor.wake()
    await editor.write('want:\n  - above_width: 800 # large\n  - haz: Cat\n')
    await expect(editor.coloured('rule')).toHaveText(['above_width'])
    await expect(editor.coloured('number')).toHaveText(['800'])
    await expect(editor.coloured('comment')).toHaveText(['# large'])
    await expect(editor.waves).toHaveText(['haz'])
    await editor.text.press('Control+End')
    await editor.text.press('ArrowUp')
    await editor.text.press('End')
    for (let step = 0; step < 5; step++) await editor.text.press('ArrowLeft')
    await expect(editor.help).toContainText(/unknown rule|has/i)
  })

  test('completes rules and names by the keyboard, and the browser can undo it', async ({ page, api, watch }) => {
    // Names that are half written are asked for as well.
    watch.allow(/400/)
    await api.signIn(keeper)
    const object = newName('Quokka ')
    await api.newObject(object)
    const editor = new QueryEditor(page)
    await editor.open()
    await editor.wake()
    await editor.type('want:\n  - above_w')
    await expect(editor.suggestions.first()).toContainText('above_width')
    await expect(editor.text).toHaveAttribute('aria-activedescendant', 'query-completions-0')
    await editor.text.press('Enter')
    await expect(editor.text).toHaveValue('want:\n  - above_width: ')
    await editor.text.press('Control+z')
    await expect(editor.text).toHaveValue('want:\n  - above_w')
    await editor.text.press('Control+Shift+z')
    await expect(editor.text).toHaveValue('want:\n  - above_width: ')
    // The indentation goes on by itself.
    await editor.type('1\n- has: ')
    await editor.type(object.slice(0, 10))
    await expect(editor.suggestions.filter({ hasText: object })).toHaveCount(1)
    await editor.text.press('Tab')
    await expect(editor.text).toHaveValue(`want:\n  - above_width: 1\n  - has: ${object}`)
    await expect(editor.text).toBeFocused()
  })

  test('suggests what can stand here when asked, and nothing afterwards', async ({ page }) => {
    const editor = new QueryEditor(page)
    await editor.open()
    await editor.wake()
    await editor.text.press('Control+Space')
    await expect(editor.suggestions).toHaveCount(3)
    await editor.text.press('ArrowDown')
    await editor.text.press('ArrowDown')
    await expect(editor.text).toHaveAttribute('aria-activedescendant', 'query-completions-1')
    await editor.text.press('Escape')
    await expect(editor.suggestions.first()).toBeHidden()
    await editor.text.press('Tab')
    await expect(editor.text).not.toBeFocused()
  })

  test('goes on with the indentation, also below a key', async ({ page }) => {
    const editor = new QueryEditor(page)
    await editor.open()
    await editor.wake()
    await editor.type('want:')
    await editor.text.press('Escape')
    await editor.text.press('Enter')
    await editor.type('- above_width: 1')
    await editor.text.press('Escape')
    await editor.text.press('Enter')
    await expect(editor.text).toHaveValue('want:\n  - above_width: 1\n  ')
    await editor.text.press('Control+z')
    await expect(editor.text).toHaveValue('want:\n  - above_width: 1')
    await editor.text.press('Shift+Enter')
    await expect(editor.text).toHaveValue('want:\n  - above_width: 1\n')
  })

  test('leaves the keys and the list to whoever composes letters', async ({ page, context }) => {
    const editor = new QueryEditor(page)
    await editor.open()
    await editor.wake()
    await editor.type('want:\n- above_w')
    await expect(editor.suggestions.first()).toContainText('above_width')
    const taken = await editor.text.evaluate((area) =>
      ['Enter', 'Tab', 'ArrowDown', 'Escape'].filter((key) => {
        const event = new KeyboardEvent('keydown', { key, isComposing: true, bubbles: true, cancelable: true })
        return !area.dispatchEvent(event)
      }),
    )
    expect(taken).toEqual([])
    await expect(editor.text).toHaveValue('want:\n  - above_w')
    await expect(editor.suggestions.first()).toBeVisible()

    const method = await context.newCDPSession(page)
    await method.send('Input.imeSetComposition', { text: 'i', selectionStart: 1, selectionEnd: 1 })
    await expect(editor.text).toHaveValue('want:\n  - above_wi')
    await expect(editor.suggestions.first()).toBeHidden()
    await method.send('Input.insertText', { text: 'i' })
    await expect(editor.suggestions.first()).toContainText('above_width')
  })

  test('is accessible with its suggestions open', async ({ page }) => {
    const editor = new QueryEditor(page)
    await editor.open()
    await editor.wake()
    await editor.type('want:\n- above')
    await expect(editor.suggestions.first()).toBeVisible()
    expect(await violations(page)).toEqual([])
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await violations(page)).toEqual([])
  })

  test('says what a word means where the pointer rests and where the caret is', async ({ page }) => {
    const editor = new QueryEditor(page)
    await editor.open('want:\n  - above_width: 1\n')
    await editor.wake()
    await editor.coloured('rule').hover({ force: true })
    await expect(page.locator('.query-hover')).toContainText('is at least so many pixels wide')
    await editor.text.press('Control+Home')
    await expect(editor.help).toContainText('satisfy every one of these rules')
  })

  test('is formatted by a button, comments and all', async ({ page }) => {
    const editor = new QueryEditor(page)
    const before = '{want: [{above_width: 1}], exclude: [{title: "x"}]}'
    await editor.open(before)
    await editor.wake()
    await editor.format.click()
    await expect(editor.text).toHaveValue('want:\n  - above_width: 1\nexclude:\n  - title: x\n')
    await editor.text.focus()
    await editor.text.press('Control+z')
    await expect(editor.text).toHaveValue(before)
    await editor.text.press('Control+Shift+F')
    await expect(editor.text).toHaveValue(/^want:\n/)
  })

  test('is remembered by the browser once it was run', async ({ page, api }) => {
    await api.signIn(keeper)
    const title = newName('kept-')
    await api.upload(drawing('kept.png'), { title })
    const editor = new QueryEditor(page)
    await editor.open(`want:\n  - title: ${title}\n`)
    await editor.finds([title])
    await expect
      .poll(() => page.evaluate(() => localStorage.getItem('ocellus.queries') ?? ''), { timeout: 10_000 })
      .toContain(title)
    await editor.open()
    await editor.wake()
    await page.getByText('History', { exact: true }).click()
    await page.getByRole('list', { name: 'Earlier queries' }).getByRole('button').first().click()
    await editor.finds([title])
  })

  test('can be copied in other tongues', async ({ page, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    const editor = new QueryEditor(page)
    await editor.open('want:\n  - above_width: 1\n')
    await editor.wake()
    await page.getByText('Copy as', { exact: true }).click()
    await page.getByRole('button', { name: 'Python (requests)' }).click()
    await expect(page.getByText('The program is on the clipboard.')).toBeVisible()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('import requests')
  })
})
