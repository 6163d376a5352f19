// Picking rows of a list to act on: all of the page at once, and how many.
//
//   form[data-select]     around the list; boxes are named "id"
//   input[data-all]       picks all of this page; shown only with scripts
//   [data-picked]         says how many
for (const form of document.querySelectorAll('form[data-select]')) {
  const boxes = () => Array.from(form.querySelectorAll('tbody input[type=checkbox]'))
  const all = form.querySelector('input[data-all]')
  const tell = () => {
    const picked = boxes().filter(b => b.checked)
    for (const b of boxes()) b.closest('tr').classList.toggle('duoc-chon', b.checked)
    for (const said of form.querySelectorAll('[data-picked]')) said.textContent = picked.length
    if (all) {
      all.checked = picked.length > 0 && picked.length === boxes().length
      all.indeterminate = picked.length > 0 && !all.checked
    }
  }
  if (all) {
    all.closest('[hidden]')?.removeAttribute('hidden')
    all.addEventListener('change', () => { for (const b of boxes()) b.checked = all.checked })
  }
  form.addEventListener('change', tell)
  addEventListener('pageshow', tell)
  tell()
}
