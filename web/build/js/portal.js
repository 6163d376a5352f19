// Scripts only ease what already works without them. None writes style, HTML or
// handlers into the page, and none sets the value of a field someone may be
// typing in: that breaks Vietnamese input methods.
import { createAll, Button, ErrorSummary, NotificationBanner, PasswordInput, SkipLink } from 'govuk-frontend'
import './count.js'
import './files.js'
import './filter.js'
import './forget.js'
import './leave.js'
import './left.js'
import './offline.js'
import './presence.js'
import './places.js'
import './reveal.js'
import './rows.js'
import './scan.js'
import './scores.js'
import './select.js'
import './when.js'

document.body.classList.add('js-enabled')
if ('noModule' in HTMLScriptElement.prototype) document.body.classList.add('govuk-frontend-supported')
for (const part of [Button, ErrorSummary, NotificationBanner, PasswordInput, SkipLink]) createAll(part)
