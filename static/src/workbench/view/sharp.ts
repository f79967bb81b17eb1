/** The original of a large picture as one decoded bitmap: an image element of 8,000 × 8,000 would be decoded again and
 * again as the zoom changes, a bitmap is decoded once, off the page's thread. */

/** Pixels above which an original is worth a bitmap of its own. */
const LARGE = 4e6;

/** Null when it is small, or cannot be read from here (a store of another origin): the image element does then. */
export async function bitmapOf(url: string, size: { width: number; height: number }): Promise<ImageBitmap | null> {
  if (size.width * size.height < LARGE || typeof createImageBitmap === "undefined") return null;
  try {
    const answer = await fetch(url);
    return answer.ok ? await createImageBitmap(await answer.blob(), { imageOrientation: "from-image" }) : null;
  } catch {
    return null;
  }
}
