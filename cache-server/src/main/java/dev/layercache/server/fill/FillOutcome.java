package dev.layercache.server.fill;

import dev.layercache.server.blob.BlobInfo;
import java.io.IOException;

/** How a fill ended. */
sealed interface FillOutcome {

  /** The blob is stored and can be opened there. */
  record Stored(BlobInfo info) implements FillOutcome {}

  /** No origin has it. */
  record Absent() implements FillOutcome {}

  /** It could not be had; the bytes that came are kept unless they were wrong. */
  record Failed(IOException why) implements FillOutcome {}
}
