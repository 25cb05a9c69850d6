package dev.layercache.server.blob;

import java.nio.channels.FileChannel;

/**
 * Bytes of a blob that lie in a file which never changes.
 *
 * @param file open for reading; belongs to the {@link BlobReader} that gave it out and is open as
 *     long as that is
 * @param position first byte in the file
 * @param length bytes, at least 1
 */
public record FileRegion(FileChannel file, long position, long length) {}
