package dev.layercache.client.image;

/** How a stream is compressed, told by its first four bytes. */
enum Compression {
  NONE,
  GZIP(0x1f, 0x8b),
  ZSTD(0x28, 0xb5, 0x2f, 0xfd),
  BZIP2('B', 'Z', 'h'),
  XZ(0xfd, '7', 'z', 'X');

  /** Bytes that {@link #of} looks at. */
  static final int MAGIC_BYTES = 4;

  private final int[] magic;

  Compression(int... magic) {
    this.magic = magic;
  }

  /** By the first bytes of a stream; a stream shorter than a magic is not compressed. */
  static Compression of(byte[] start) {
    for (Compression compression : values()) {
      if (compression != NONE && compression.begins(start)) {
        return compression;
      }
    }
    return NONE;
  }

  private boolean begins(byte[] start) {
    if (start.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((start[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }
}
