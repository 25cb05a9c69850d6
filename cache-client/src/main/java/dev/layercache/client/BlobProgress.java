package dev.layercache.client;

/** Is told how a blob moves. One thread at a time. */
interface BlobProgress {
  BlobProgress NONE =
      new BlobProgress() {
        @Override
        public void started(long offset) {}

        @Override
        public void moved(long bytes, long position) {}
      };

  /** The transfer begins at {@code offset}. */
  void started(long offset);

  /** {@code bytes} more moved, up to {@code position}. */
  void moved(long bytes, long position);
}
