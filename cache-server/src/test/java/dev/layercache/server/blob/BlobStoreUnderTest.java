package dev.layercache.server.blob;

import java.io.IOException;

/** What the parts of {@link BlobStoreContract} work on. */
interface BlobStoreUnderTest {
  int KIB = 1024;
  int MIB = 1024 * KIB;

  /** The most that a follower stays behind the writer, in bytes. */
  int CHUNK = 256 * KIB;

  /** An empty store that takes blobs of up to 128 MiB; closed after the test. */
  BlobStore store();

  /** The store's clock. */
  ManualClock clock();

  /** Another empty store, which takes smaller blobs; closed after the test. */
  BlobStore storeTaking(long maxBlobBytes) throws IOException;

  /** Closes {@link #store} and opens it again on the same directory. */
  BlobStore reopen() throws IOException;

  /** Whether a store that is closed and opened again holds what it held. */
  boolean durable();
}
