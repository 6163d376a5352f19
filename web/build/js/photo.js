// Photos are made smaller before they travel, and what they tell about place
// and camera stays behind. Where the browser cannot, the file goes as it is:
// the portal takes that out again anyway.
const longest = 2560 // pixels
const quality = 0.86

export async function smaller (file) {
  if (!['image/jpeg', 'image/png'].includes(file.type) || !window.createImageBitmap) return file
  try {
    const picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
    const scale = Math.min(1, longest / Math.max(picture.width, picture.height))
    if (scale === 1 && file.type === 'image/png') return file // a drawing: JPEG would blur it
    const canvas = document.createElement('canvas')
    canvas.width = Math.max(1, Math.round(picture.width * scale))
    canvas.height = Math.max(1, Math.round(picture.height * scale))
    const pen = canvas.getContext('2d')
    pen.fillStyle = '#fff' // behind what is see-through
    pen.fillRect(0, 0, canvas.width, canvas.height)
    pen.imageSmoothingQuality = 'high'
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height)
    picture.close()
    const blob = await new Promise(resolve => canvas.toBlob(resolve, 'image/jpeg', quality))
    return blob ? new File([blob], file.name.replace(/\.[^.]*$/, '') + '.jpg', { type: 'image/jpeg' }) : file
  } catch {
    return file
  }
}
