package dev.layercache.server.http.wire;

import dev.layercache.server.blob.FileRegion;
import io.netty.channel.DefaultFileRegion;

/**
 * Bytes that the kernel sends straight out of a file. The file stays its reader's: Netty's own
 * region would close it.
 */
final class BlobRegion extends DefaultFileRegion {

  BlobRegion(FileRegion region) {
    super(region.file(), region.position(), region.length());
  }

  @Override
  protected void deallocate() {}
}
