package dev.layercache.client.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tars that try to reach outside, to mean two things, or to cost too much. */
class HostileTarTest {
  @TempDir Path temp;

  @ParameterizedTest(name = "{0}")
  @MethodSource("corpus")
  void isRefusedWithAReasonAndLeavesNoTrace(String name, byte[] tar, String reason)
      throws Exception {
    Path file = Files.write(temp.resolve("hostile.tar"), tar);

    assertThatThrownBy(() -> OciArchive.source(file, Optional.empty()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(reason)
        .hasMessageContaining("hostile.tar");
    assertThatThrownBy(() -> DockerArchive.source(file, Optional.empty()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(reason);
    try (var left = Files.list(temp)) {
      assertThat(left).containsExactly(file);
    }
  }

  static Stream<Arguments> corpus() throws IOException {
    byte[] end = new byte[1024];
    byte[] good = TestImage.tar(Map.of("oci-layout", new byte[700]));
    return Stream.of(
        Arguments.of("parent", tar(file("../x", 0), end), "entry leads out of the tar: ../x"),
        Arguments.of("parent inside", tar(file("a/../../x", 0), end), "leads out of the tar"),
        Arguments.of("harmless parent", tar(file("a/../x", 0), end), "leads out of the tar"),
        Arguments.of(
            "absolute",
            tar(file("/etc/passwd", 0), end),
            "entry leads out of the tar: /etc/passwd"),
        Arguments.of(
            "absolute by pax", tar(pax("path=/etc/passwd"), file("x", 0), end), "leads out"),
        Arguments.of("parent by pax", tar(pax("path=../x"), file("x", 0), end), "leads out"),
        Arguments.of(
            "parent by long name",
            tar(extension('L', "../../x\0"), file("x", 0), end),
            "leads out"),
        Arguments.of(
            "symbolic link out", tar(link('2', "a/b", "../../etc"), end), "link a/b leads out"),
        Arguments.of(
            "absolute symbolic link", tar(link('2', "a", "/etc/passwd"), end), "link a leads out"),
        Arguments.of("hard link out", tar(link('1', "a", "../etc"), end), "link leads out"),
        Arguments.of(
            "link out by pax",
            tar(pax("linkpath=/etc/passwd"), link('2', "a", "b"), end),
            "link a leads out"),
        Arguments.of(
            "link to itself",
            tar(
                link('2', "oci-layout", "oci-layout"),
                link('2', "manifest.json", "manifest.json"),
                end),
            "link over more than 8"),
        Arguments.of("link with content", tar(link('2', "a", "b", 512), end), "claims 512 bytes"),
        Arguments.of(
            "directory with content", tar(header("d/", '5', 9, ""), end), "claims 9 bytes"),
        Arguments.of("name twice", tar(file("a", 0), file("./a", 0), end), "entry a comes twice"),
        Arguments.of(
            "file and link", tar(file("a", 0), link('2', "a", "b"), end), "entry a comes twice"),
        Arguments.of("device", tar(header("null", '3', 0, ""), end), "null is of type '3'"),
        Arguments.of("pipe", tar(header("pipe", '6', 0, ""), end), "pipe is of type '6'"),
        Arguments.of("GNU sparse", tar(header("s", 'S', 0, ""), end), "s is of type 'S'"),
        Arguments.of(
            "pax sparse",
            tar(pax("GNU.sparse.major=1"), file("s", 0), end),
            "a sparse file at byte 1024"),
        Arguments.of("no name", tar(file("", 0), end), "without a name"),
        Arguments.of("absurd size", tar(file("a", 0777_7777_7777L), end), "a claims 8589934591"),
        Arguments.of(
            "absurd size by pax",
            tar(pax("size=9223372036854775807"), file("a", 0), end),
            "a claims 9223372036854775807 bytes"),
        Arguments.of(
            "negative size by pax", tar(pax("size=-1"), file("a", 0), end), "a claims -1 bytes"),
        Arguments.of(
            "size that is none", tar(pax("size=much"), file("a", 0), end), "size of a: 'much'"),
        Arguments.of("negative binary size", tar(binarySize("a", -1), end), "hostile.tar: "),
        Arguments.of(
            "huge binary size", tar(binarySize("a", Long.MAX_VALUE), end), "a claims 92233720"),
        Arguments.of(
            "huge extended header",
            tar(header("x", 'x', TarScanner.MAX_EXTENDED + 1, ""), end),
            "expected: at most 65536"),
        Arguments.of(
            "malformed extended header",
            tar(extension('x', "9999 a=b\n"), end),
            "malformed record"),
        Arguments.of(
            "record without length", tar(extension('x', "a=b\n"), end), "malformed record"),
        Arguments.of("record of length 0", tar(extension('x', "0 a=b\n"), end), "malformed record"),
        Arguments.of("cut in a header", Arrays.copyOf(good, 300), "cut off"),
        Arguments.of("cut in content", Arrays.copyOf(good, 700), "cut off"),
        Arguments.of("cut before the end mark", Arrays.copyOf(good, 512 + 1024), "cut off"),
        Arguments.of("empty file", new byte[0], "cut off"),
        Arguments.of("wrong checksum", flipped(good), "no tar header at byte 0"),
        Arguments.of("no tar", "<html>not found</html>".repeat(99).getBytes(), "no tar header"),
        Arguments.of("gzip", TestImage.gzip(good), "compressed with gzip"),
        Arguments.of("empty tar", end, "hostile.tar"),
        Arguments.of("layout that is no JSON", good, "hostile.tar"));
  }

  @Test
  void tooManyEntriesAreRefused() throws Exception {
    Path file = temp.resolve("many.tar");
    byte[] header = header("d/", '5', 0, "");
    try (var out = new BufferedOutputStream(Files.newOutputStream(file))) {
      for (int i = 0; i <= TarScanner.MAX_ENTRIES; i++) {
        out.write(header);
      }
    }

    assertThatThrownBy(() -> OciArchive.source(file, Optional.empty()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("more than 50000 entries");
  }

  @Test
  void extendedHeadersWithoutEndAreRefused() throws Exception {
    Path file = temp.resolve("extended.tar");
    byte[] header = extension('x', record("comment=" + "x".repeat(TarScanner.MAX_EXTENDED - 20)));
    try (var out = new BufferedOutputStream(Files.newOutputStream(file))) {
      for (int i = 0; i < 300; i++) {
        out.write(header);
      }
    }

    assertThatThrownBy(() -> OciArchive.source(file, Optional.empty()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("extended headers of more than 16777216 bytes in all");
  }

  @Test
  void aLongNameAndAPaxSizeAreUnderstood() throws Exception {
    String name = "blobs/" + "x".repeat(300);
    byte[] content = "content".getBytes(StandardCharsets.UTF_8);
    Path file =
        Files.write(
            temp.resolve("good.tar"),
            tar(
                extension('g', record("comment=ignored")),
                pax("path=" + name),
                file("short", 7),
                Arrays.copyOf(content, 512),
                pax("size=7"),
                file("sized", 0),
                Arrays.copyOf(content, 512),
                link('1', "./hard", "sized"),
                link('2', "blobs/soft", "../hard"),
                new byte[1024]));

    var files = TarFiles.scan(file);
    for (String path : new String[] {name, "sized", "hard", "blobs/soft"}) {
      try (var in = files.open(path, 0)) {
        assertThat(in.readAllBytes()).isEqualTo(content);
      }
    }
    assertThat(files.size("short")).isEmpty();
  }

  private static byte[] tar(byte[]... parts) throws IOException {
    var bytes = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      bytes.write(part);
    }
    return bytes.toByteArray();
  }

  private static byte[] file(String name, long size) {
    return header(name, '0', size, "");
  }

  private static byte[] link(char type, String name, String target) {
    return link(type, name, target, 0);
  }

  private static byte[] link(char type, String name, String target, long size) {
    return header(name, type, size, target);
  }

  private static byte[] pax(String keyAndValue) throws IOException {
    return extension('x', record(keyAndValue));
  }

  private static String record(String keyAndValue) {
    int length = keyAndValue.length() + 2;
    int whole = length + String.valueOf(length).length();
    whole = length + String.valueOf(whole).length();
    return whole + " " + keyAndValue + "\n";
  }

  private static byte[] extension(char type, String content) throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    return tar(
        header("extension", type, bytes.length, ""),
        Arrays.copyOf(bytes, (bytes.length + 511) / 512 * 512));
  }

  private static byte[] header(String name, char type, long size, String link) {
    var block = new byte[512];
    put(block, 0, name);
    put(block, 100, "0000644\0");
    put(block, 108, "0000000\0");
    put(block, 116, "0000000\0");
    put(block, 124, "%011o\0".formatted(size));
    put(block, 136, "00000000000\0");
    block[156] = (byte) type;
    put(block, 157, link);
    put(block, 257, "ustar\00000");
    return checksummed(block);
  }

  private static byte[] binarySize(String name, long size) {
    byte[] block = header(name, '0', 0, "");
    ByteBuffer.wrap(block).putLong(124 + 4, size);
    Arrays.fill(block, 124, 128, (byte) (size < 0 ? 0xff : 0));
    block[124] = (byte) (size < 0 ? 0xff : 0x80);
    return checksummed(block);
  }

  private static byte[] checksummed(byte[] block) {
    put(block, 148, "        ");
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xff;
    }
    put(block, 148, "%06o\0 ".formatted(sum));
    return block;
  }

  private static void put(byte[] block, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }

  private static byte[] flipped(byte[] tar) {
    byte[] copy = tar.clone();
    copy[0] ^= 1;
    return copy;
  }
}
