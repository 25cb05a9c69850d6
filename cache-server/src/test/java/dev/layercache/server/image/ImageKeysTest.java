package dev.layercache.server.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import dev.layercache.oci.ImageReference;
import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class ImageKeysTest {
  @Provide
  Arbitrary<String> repositories() {
    var component = Arbitraries.strings().withChars("ab09").ofMinLength(1).ofMaxLength(4);
    var separator = Arbitraries.of("/", ".", "_", "__", "-", "--");
    return component
        .list()
        .ofMinSize(1)
        .ofMaxSize(4)
        .flatMap(parts -> separator.map(between -> String.join(between, parts)))
        .filter(ImageReference::isRepository);
  }

  @Provide
  Arbitrary<String> tags() {
    return Arbitraries.strings()
        .withChars("aZ09_.-")
        .ofMinLength(1)
        .ofMaxLength(6)
        .filter(ImageReference::isTag);
  }

  /** Few different bytes, zeros among them: they are what separates the parts. */
  @Provide
  Arbitrary<Digest> digests() {
    return Arbitraries.of(DigestAlgorithm.values())
        .flatMap(
            algorithm ->
                Arbitraries.bytes()
                    .between((byte) 0, (byte) 2)
                    .array(byte[].class)
                    .ofSize(algorithm.bytes())
                    .map(hash -> Digest.fromBytes(algorithm, hash)));
  }

  @Property(tries = 300)
  void keysGiveBackTheirParts(
      @ForAll("repositories") String repository,
      @ForAll("tags") String tag,
      @ForAll("digests") Digest one,
      @ForAll("digests") Digest two) {
    assertThat(ImageKeys.repositoryOf(ImageKeys.digest(repository, one))).isEqualTo(repository);
    assertThat(ImageKeys.tagOf(ImageKeys.tag(repository, tag))).isEqualTo(tag);
    assertThat(ImageKeys.taggedTagOf(ImageKeys.tagged(repository, one, tag))).isEqualTo(tag);
    assertThat(ImageKeys.referrerOf(ImageKeys.referrer(repository, one, two))).isEqualTo(two);
    byte[] link = ImageKeys.link(one, repository, two);
    assertThat(ImageKeys.linkRepositoryOf(link)).isEqualTo(repository);
    assertThat(ImageKeys.linkManifestOf(link)).isEqualTo(two);
  }

  @Property(tries = 300)
  void keysSortAsRepositoriesAndThenTagsDo(
      @ForAll("repositories") String oneRepository,
      @ForAll("tags") String oneTag,
      @ForAll("repositories") String otherRepository,
      @ForAll("tags") String otherTag) {
    int byName = oneRepository.compareTo(otherRepository);
    int expected = byName != 0 ? byName : oneTag.compareTo(otherTag);

    int actual =
        Arrays.compareUnsigned(
            ImageKeys.tag(oneRepository, oneTag), ImageKeys.tag(otherRepository, otherTag));

    assertThat(Integer.signum(actual)).isEqualTo(Integer.signum(expected));
  }

  @Property(tries = 300)
  void prefixOfARepositoryCoversItAlone(
      @ForAll("repositories") String one,
      @ForAll("repositories") String other,
      @ForAll("digests") Digest digest) {
    assertThat(startsWith(ImageKeys.digest(other, digest), ImageKeys.repository(one)))
        .isEqualTo(one.equals(other));
  }

  @Property(tries = 300)
  void prefixOfADigestCoversItAlone(
      @ForAll("repositories") String repository,
      @ForAll("digests") Digest one,
      @ForAll("digests") Digest other,
      @ForAll("tags") String tag) {
    boolean same = one.equals(other);

    assertThat(
            startsWith(ImageKeys.tagged(repository, other, tag), ImageKeys.digest(repository, one)))
        .isEqualTo(same);
    assertThat(startsWith(ImageKeys.link(other, repository, one), ImageKeys.links(one)))
        .isEqualTo(same);
  }

  @Property(tries = 300)
  void pagesStartRightBehindTheLastItem(
      @ForAll("repositories") String repository,
      @ForAll("repositories") String otherRepository,
      @ForAll("tags") String tag,
      @ForAll("tags") String otherTag,
      @ForAll("digests") Digest digest) {
    assertThat(
            Arrays.compareUnsigned(
                    ImageKeys.tag(repository, otherTag), ImageKeys.afterTag(repository, tag))
                >= 0)
        .isEqualTo(otherTag.compareTo(tag) > 0);
    assertThat(
            Arrays.compareUnsigned(
                    ImageKeys.digest(otherRepository, digest),
                    ImageKeys.afterRepository(repository))
                >= 0)
        .isEqualTo(otherRepository.compareTo(repository) > 0);
  }

  /** What is on disk. */
  @Test
  void layoutIsFixed() {
    Digest sha256 = Digest.sha256("ab".repeat(32));
    Digest sha512 = new Digest(DigestAlgorithm.SHA512, "cd".repeat(64));
    String one = "01" + "ab".repeat(32);
    String two = "02" + "cd".repeat(64);
    String app = hex("app".getBytes(UTF_8)) + "00";

    assertThat(hex(ImageKeys.tag("app", "v1"))).isEqualTo(app + "7631");
    assertThat(hex(ImageKeys.digest("app", sha512))).isEqualTo(app + two);
    assertThat(hex(ImageKeys.tagged("app", sha256, "v1"))).isEqualTo(app + one + "7631");
    assertThat(hex(ImageKeys.referrer("app", sha256, sha512))).isEqualTo(app + one + two);
    assertThat(hex(ImageKeys.link(sha256, "app", sha512))).isEqualTo(one + app + two);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static boolean startsWith(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }
}
