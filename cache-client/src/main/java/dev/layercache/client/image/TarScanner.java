package dev.layercache.client.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.tar.TarUtils;
import org.apache.commons.compress.archivers.zip.ZipEncoding;
import org.apache.commons.compress.archivers.zip.ZipEncodingHelper;

/**
 * Finds the files of a tar (POSIX pax and GNU) by reading its headers and jumping over its content.
 * Refused, each with a message that names the entry: names and links that lead out of the tar,
 * names that come twice, sparse files, devices, sizes beyond the end of the file, headers with a
 * wrong checksum, extended headers above {@value #MAX_EXTENDED} bytes, more than {@value
 * #MAX_ENTRIES} entries, and a tar that stops without its end mark. One use, one thread.
 */
final class TarScanner {
  static final int MAX_ENTRIES = 50_000;
  static final int MAX_EXTENDED = 64 << 10;
  private static final int MAX_EXTENDED_TOTAL = 16 << 20;
  private static final int BLOCK = TarConstants.DEFAULT_RCDSIZE;
  private static final ZipEncoding UTF8 = ZipEncodingHelper.getZipEncoding("UTF-8");

  private final Path tar;
  private final FileChannel channel;
  private final Map<String, TarFiles.Entry> found = new HashMap<>();

  /** What extended headers said about the entry that follows them. */
  private final Map<String, String> extended = new HashMap<>();

  private long position;
  private long extendedBytes;

  TarScanner(Path tar, FileChannel channel) {
    this.tar = tar;
    this.channel = channel;
  }

  Map<String, TarFiles.Entry> scan() throws IOException {
    requireUncompressed();
    for (int headers = 0; ; headers++) {
      if (headers == MAX_ENTRIES) {
        throw refused("more than %d entries".formatted(MAX_ENTRIES));
      }
      if (position == channel.size()) {
        throw refused("it ends without an end mark: it was cut off");
      }
      byte[] block = read(BLOCK, "a header");
      if (isZero(block)) {
        return found;
      }
      if (!hasRightChecksum(block)) {
        throw refused(
            "no tar header at byte %d: not a tar, or damaged".formatted(position - BLOCK));
      }
      entry(header(block));
    }
  }

  private void requireUncompressed() throws IOException {
    var magic = ByteBuffer.allocate(Compression.MAGIC_BYTES);
    channel.read(magic, 0);
    Compression compression = Compression.of(magic.array());
    if (compression != Compression.NONE) {
      throw refused(
          "it is compressed with %s (expected: an uncompressed tar)"
              .formatted(compression.name().toLowerCase(Locale.ROOT)));
    }
  }

  private TarArchiveEntry header(byte[] block) throws IOException {
    try {
      return new TarArchiveEntry(block, UTF8, false, position);
    } catch (IllegalArgumentException | IOException e) {
      throw refused("malformed header at byte %d: %s".formatted(position - BLOCK, e.getMessage()));
    }
  }

  private void entry(TarArchiveEntry header) throws IOException {
    switch (header.getLinkFlag()) {
      case TarConstants.LF_PAX_EXTENDED_HEADER_LC, TarConstants.LF_PAX_EXTENDED_HEADER_UC ->
          extended.putAll(records(header));
      // What a global header may say (owner, times, comments) is of no use here, and a name or a
      // size for every file is nonsense.
      case TarConstants.LF_PAX_GLOBAL_EXTENDED_HEADER -> extension(header);
      case TarConstants.LF_GNUTYPE_LONGNAME -> extended.put("path", text(extension(header)));
      case TarConstants.LF_GNUTYPE_LONGLINK -> extended.put("linkpath", text(extension(header)));
      default -> {
        content(header);
        extended.clear();
      }
    }
  }

  private Map<String, String> records(TarArchiveEntry header) throws IOException {
    byte[] content = extension(header);
    Map<String, String> records;
    try {
      records = PaxRecords.parse(content);
    } catch (IllegalArgumentException e) {
      throw refused(String.valueOf(e.getMessage()));
    }
    for (String key : records.keySet()) {
      if (key.startsWith("GNU.sparse.") || key.equals("SCHILY.realsize")) {
        throw refused("a sparse file at byte %d (expected: a plain one)".formatted(position));
      }
    }
    records.keySet().retainAll(Set.of("path", "linkpath", "size"));
    return records;
  }

  private void content(TarArchiveEntry header) throws IOException {
    String given = extended.getOrDefault("path", header.getName());
    String name = inside(given, "entry");
    switch (header.getLinkFlag()) {
      case TarConstants.LF_NORMAL, TarConstants.LF_OLDNORM, TarConstants.LF_CONTIG -> {
        long size = size(header, given);
        // Before pax, a directory was a file whose name ends with a slash.
        if (!given.endsWith("/")) {
          add(name, new TarFiles.Extent(position, size));
        }
        skip(size, given);
      }
      case TarConstants.LF_DIR -> requireNoContent(header, given);
      case TarConstants.LF_SYMLINK -> {
        requireNoContent(header, given);
        add(name, new TarFiles.Link(symbolic(name, linkTarget(header))));
      }
      case TarConstants.LF_LINK -> {
        requireNoContent(header, given);
        add(name, new TarFiles.Link(inside(linkTarget(header), "link")));
      }
      default ->
          throw refused(
              "%s is of type '%c' (expected: files, directories, links)"
                  .formatted(brief(given), (char) header.getLinkFlag()));
    }
  }

  /** Readers differ on whether content follows such an entry, so none may claim to have any. */
  private void requireNoContent(TarArchiveEntry header, String name) throws IOException {
    if (size(header, name) != 0) {
      throw refused(
          "%s is no file and claims %d bytes (expected: none)"
              .formatted(brief(name), size(header, name)));
    }
  }

  private String linkTarget(TarArchiveEntry header) {
    return extended.getOrDefault("linkpath", header.getLinkName());
  }

  private void add(String name, TarFiles.Entry entry) throws IOException {
    if (name.isEmpty()) {
      throw refused("an entry without a name");
    }
    if (found.putIfAbsent(name, entry) != null) {
      throw refused("entry %s comes twice".formatted(brief(name)));
    }
  }

  private long size(TarArchiveEntry header, String name) throws IOException {
    if (!extended.containsKey("size")) {
      return header.getSize();
    }
    String given = extended.getOrDefault("size", "");
    try {
      return Long.parseLong(given);
    } catch (NumberFormatException e) {
      throw refused("size of %s: '%s' (expected: a number)".formatted(brief(name), brief(given)));
    }
  }

  /** The content of a header that describes the next entry. */
  private byte[] extension(TarArchiveEntry header) throws IOException {
    long size = header.getSize();
    if (size < 0 || size > MAX_EXTENDED) {
      throw refused(
          "extended header at byte %d has %d bytes (expected: at most %d)"
              .formatted(position - BLOCK, size, MAX_EXTENDED));
    }
    extendedBytes += size;
    if (extendedBytes > MAX_EXTENDED_TOTAL) {
      throw refused("extended headers of more than %d bytes in all".formatted(MAX_EXTENDED_TOTAL));
    }
    long start = position;
    byte[] content = read((int) size, "an extended header");
    position = start;
    skip(size, "an extended header");
    return content;
  }

  private byte[] read(int length, String what) throws IOException {
    var buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, position + buffer.position());
      if (read < 0) {
        throw refused("it ends in the middle of %s: it was cut off".formatted(what));
      }
    }
    position += length;
    return buffer.array();
  }

  /** Jumps over content, which is padded to whole blocks. */
  private void skip(long size, String name) throws IOException {
    long left = channel.size() - position;
    if (size < 0 || size > left) {
      throw refused(
          "%s claims %d bytes, and %d are left: it was cut off, or lies"
              .formatted(brief(name), size, left));
    }
    long padded = (size + BLOCK - 1) / BLOCK * BLOCK;
    position = Math.min(position + padded, channel.size());
  }

  private String symbolic(String name, String target) throws IOException {
    String directory = name.substring(0, Math.max(0, name.lastIndexOf('/')));
    return TarNames.resolve(directory, target)
        .orElseThrow(
            () ->
                refused("link %s leads out of the tar: %s".formatted(brief(name), brief(target))));
  }

  private String inside(String name, String kind) throws IOException {
    return TarNames.entry(name)
        .orElseThrow(() -> refused("%s leads out of the tar: %s".formatted(kind, brief(name))));
  }

  private IOException refused(String why) {
    return new IOException("%s: %s".formatted(tar, why));
  }

  private static String text(byte[] content) {
    String text = new String(content, StandardCharsets.UTF_8);
    int end = text.indexOf('\0');
    return end < 0 ? text : text.substring(0, end);
  }

  private static boolean hasRightChecksum(byte[] block) {
    try {
      return TarUtils.verifyCheckSum(block);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isZero(byte[] block) {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private static String brief(String text) {
    return text.length() <= 160 ? text : text.substring(0, 160) + "...";
  }
}
