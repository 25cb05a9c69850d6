package dev.layercache.load.data;

/** How well a blob compresses. Whatever its texture, no two blobs are alike. */
public enum Texture {
  /** Not at all: what a layer is that was compressed by its builder. */
  NOISE(-1L, 0L),
  /** To about half: each byte is one of 16 letters, as likely as the others. */
  LETTERS(0x0f0f0f0f0f0f0f0fL, 0x6060606060606060L);

  private final long kept;
  private final long added;

  Texture(long kept, long added) {
    this.kept = kept;
    this.added = added;
  }

  /** Of eight random bytes, the eight that are sent. */
  long of(long word) {
    return word & kept | added;
  }
}
