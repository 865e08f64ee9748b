// Tlogverify checks a ledger with code that shares nothing with the program that wrote it: Go's crypto/ed25519 and
// golang.org/x/mod/sumdb, packages note and tlog (those behind the checksum database of Go modules).
//
//	tlogverify ledger DIR KEYS QUORUM [NOTE...]   signatures, every tile, every entry, inclusion of up to 2,000 leaves,
//	                                              consistency with every older checkpoint given
//	tlogverify proof FILE LEAFHASH KEYS QUORUM    one .tlog-proof; the leaf hash in base64
//	tlogverify fork FILE KEYS                     a proof that the log signed two histories
//
// KEYS is a file of verifier keys, one a line, the log's first. QUORUM is how many witnesses must have signed.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height, width = 8, 256

// trust is whose signatures count.
type trust struct {
	logs      []note.Verifier // the key that signs now, and those that it took over from
	witnesses []note.Verifier
	quorum    int
}

func readTrust(path string, quorum string) (*trust, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t := &trust{}
	if t.quorum, err = strconv.Atoi(quorum); err != nil {
		return nil, err
	}
	for k, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		log, err := note.NewVerifier(line)
		if k == 0 && err != nil {
			return nil, fmt.Errorf("the log's key: %w", err)
		}
		if err == nil && (k == 0 || log.Name() == t.logs[0].Name()) {
			t.logs = append(t.logs, log)
			continue
		}
		w, err := newWitness(line)
		if err != nil {
			return nil, fmt.Errorf("line %d of the keys: %w", k+1, err)
		}
		t.witnesses = append(t.witnesses, w)
	}
	return t, nil
}

// witness is a note.Verifier for Ed25519 cosignatures, signature type 0x04.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newWitness(vkey string) (*witness, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("no verifier key")
	}
	material, err := strict(parts[2])
	if err != nil || len(material) != 33 || material[0] != 4 {
		return nil, errors.New("no key of a witness")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), material...))
	hash := binary.BigEndian.Uint32(sum[:4])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		return nil, errors.New("the key's id does not fit")
	}
	return &witness{parts[0], hash, material[1:]}, nil
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }
func (w *witness) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig))
	return ed25519.Verify(w.key, append([]byte(head), msg...), sig[8:])
}

// open believes a checkpoint signed by the log and by enough witnesses.
func (t *trust) open(msg []byte) (tlog.Tree, string, error) {
	none := tlog.Tree{}
	for _, line := range strings.Split(string(msg), "\n") {
		if strings.HasPrefix(line, "— ") {
			if _, err := strict(line[strings.LastIndex(line, " ")+1:]); err != nil {
				return none, "", errors.New("a signature is not strict base64")
			}
		}
	}
	n, err := note.Open(msg, note.VerifierList(append(append([]note.Verifier{}, t.logs...), t.witnesses...)...))
	if err != nil {
		return none, "", err
	}
	log, seen := false, 0
	for _, s := range n.Sigs {
		own := false
		for _, key := range t.logs {
			own = own || s.Name == key.Name() && s.Hash == key.KeyHash()
		}
		if own {
			log = true
		} else {
			seen++
		}
	}
	if !log {
		return none, "", errors.New("not signed by the log")
	}
	if seen < t.quorum {
		return none, "", fmt.Errorf("seen by %d witnesses, %d are needed", seen, t.quorum)
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return none, "", errors.New("a checkpoint has three lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return none, "", errors.New("the size is no number")
	}
	root, err := hash(lines[2])
	return tlog.Tree{N: size, Hash: root}, lines[0], err
}

func strict(text string) ([]byte, error) {
	data, err := base64.StdEncoding.DecodeString(text)
	if err == nil && base64.StdEncoding.EncodeToString(data) != text {
		err = errors.New("unused bits are not zero")
	}
	return data, err
}

func hash(text string) (tlog.Hash, error) {
	var h tlog.Hash
	data, err := strict(text)
	if err == nil && len(data) != len(h) {
		err = errors.New("a hash has 32 bytes")
	}
	copy(h[:], data)
	return h, err
}

// folder reads tiles from a ledger's folder; golang.org/x/mod names them with their height, C2SP does not.
type folder string

func (f folder) Height() int                     { return height }
func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, t := range tiles {
		data, err := f.read(t)
		if err != nil {
			return nil, err
		}
		if len(data) != t.W*tlog.HashSize {
			return nil, fmt.Errorf("%s has %d bytes", t.Path(), len(data))
		}
		out = append(out, data)
	}
	return out, nil
}

func (f folder) read(t tlog.Tile) ([]byte, error) {
	path := strings.Replace(t.Path(), "tile/8/", "tile/", 1)
	path = strings.Replace(path, "tile/data/", "tile/entries/", 1)
	return os.ReadFile(filepath.Join(string(f), filepath.FromSlash(path)))
}

// checkTiles recomputes every level of tiles from the one below, from the leaves to the root.
func (f folder) checkTiles(tree tlog.Tree) ([]tlog.Hash, error) {
	leaves, err := f.row(0, tree.N)
	if err != nil {
		return nil, err
	}
	below := leaves
	for level := 1; tree.N>>(uint(level)*height) > 0; level++ {
		row, err := f.row(level, tree.N>>(uint(level)*height))
		if err != nil {
			return nil, err
		}
		for k := range row {
			if full(below[k*width:(k+1)*width]) != row[k] {
				return nil, fmt.Errorf("level %d, hash %d is not the root of the tile below", level, k)
			}
		}
		below = row
	}
	return leaves, nil
}

func (f folder) row(level int, n int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for at := int64(0); at < n; at += width {
		w := n - at
		if w > width {
			w = width
		}
		data, err := f.ReadTiles([]tlog.Tile{{H: height, L: level, N: at / width, W: int(w)}})
		if err != nil {
			return nil, err
		}
		for k := 0; k < len(data[0]); k += tlog.HashSize {
			var h tlog.Hash
			copy(h[:], data[0][k:])
			out = append(out, h)
		}
	}
	return out, nil
}

func full(row []tlog.Hash) tlog.Hash {
	for len(row) > 1 {
		var next []tlog.Hash
		for k := 0; k < len(row); k += 2 {
			next = append(next, tlog.NodeHash(row[k], row[k+1]))
		}
		row = next
	}
	return row[0]
}

// checkEntries compares every entry with its leaf, where the ledger has bundles.
func (f folder) checkEntries(leaves []tlog.Hash) (int, error) {
	count := 0
	for at := 0; at < len(leaves); at += width {
		w := len(leaves) - at
		if w > width {
			w = width
		}
		data, err := f.read(tlog.Tile{H: height, L: -1, N: int64(at / width), W: w})
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return 0, err
		}
		for k := 0; k < w; k++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return 0, fmt.Errorf("the bundle of entry %d was cut", at)
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			if tlog.RecordHash(data[2:end]) != leaves[at+k] {
				return 0, fmt.Errorf("entry %d is not its leaf", at+k)
			}
			data = data[end:]
			count++
		}
		if len(data) > 0 {
			return 0, fmt.Errorf("the bundle of entry %d has more than its entries", at)
		}
	}
	return count, nil
}

func ledger(dir string, t *trust, older []string) error {
	msg, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	tree, origin, err := t.open(msg)
	if err != nil {
		return err
	}
	f := folder(dir)
	leaves, err := f.checkTiles(tree)
	if err != nil {
		return err
	}
	entries, err := f.checkEntries(leaves)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, f)
	if root, err := tlog.TreeHash(tree.N, reader); err != nil || root != tree.Hash {
		return fmt.Errorf("the tiles do not have the root that was signed (%v)", err)
	}
	proofs := int64(0)
	for n := int64(0); n < tree.N; n += 1 + tree.N/2000 {
		p, err := tlog.ProveRecord(tree.N, n, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(p, tree.N, tree.Hash, n, leaves[n]); err != nil {
			return fmt.Errorf("leaf %d: %w", n, err)
		}
		proofs++
	}
	for _, path := range older {
		if err := consistent(path, t, tree, reader); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	fmt.Printf("OK %s size %d entries %d inclusion %d consistency %d\n", origin, tree.N, entries, proofs, len(older))
	return nil
}

func consistent(path string, t *trust, tree tlog.Tree, reader tlog.HashReader) error {
	msg, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	old, _, err := (&trust{t.logs, t.witnesses, 0}).open(msg)
	if err != nil || old.N == 0 {
		return err
	}
	p, err := tlog.ProveTree(tree.N, old.N, reader)
	if err != nil {
		return err
	}
	return tlog.CheckTree(p, tree.N, tree.Hash, old.N, old.Hash)
}

func proof(path, leaf string, t *trust) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, msg, ok := bytes.Cut(data, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !ok || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("no tlog-proof")
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return errors.New("no index")
	}
	digits := strings.TrimPrefix(lines[0], "index ")
	index, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || strconv.FormatInt(index, 10) != digits {
		return errors.New("the index is no number")
	}
	var way tlog.RecordProof
	for _, line := range lines[1:] {
		h, err := hash(line)
		if err != nil {
			return err
		}
		way = append(way, h)
	}
	tree, origin, err := t.open(msg)
	if err != nil {
		return err
	}
	want, err := hash(leaf)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(way, tree.N, tree.Hash, index, want); err != nil {
		return err
	}
	fmt.Printf("OK %s leaf %d of %d\n", origin, index, tree.N)
	return nil
}

func fork(path string, t *trust) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var said struct {
		Kind, First, Second string
		Root                string `json:"root_of_second_at_size_of_first"`
		Proof               []string
	}
	if err := json.Unmarshal(data, &said); err != nil {
		return err
	}
	first, origin, err := t.open([]byte(said.First))
	if err != nil {
		return err
	}
	second, other, err := t.open([]byte(said.Second))
	if err != nil {
		return err
	}
	root, err := hash(said.Root)
	if err != nil {
		return err
	}
	var way tlog.TreeProof
	for _, line := range said.Proof {
		h, err := hash(line)
		if err != nil {
			return err
		}
		way = append(way, h)
	}
	if said.Kind != "ledger-fork/v1" || origin != other || first.N < 1 {
		return errors.New("no proof of a fork of one log")
	}
	if err := tlog.CheckTree(way, second.N, second.Hash, first.N, root); err != nil {
		return err
	}
	if root == first.Hash {
		return errors.New("the two checkpoints agree")
	}
	fmt.Printf("FORK %s at size %d\n", origin, first.N)
	return nil
}

func run(args []string) error {
	switch {
	case len(args) >= 4 && args[0] == "ledger":
		t, err := readTrust(args[2], args[3])
		if err != nil {
			return err
		}
		return ledger(args[1], t, args[4:])
	case len(args) == 5 && args[0] == "proof":
		t, err := readTrust(args[3], args[4])
		if err != nil {
			return err
		}
		return proof(args[1], args[2], t)
	case len(args) == 3 && args[0] == "fork":
		t, err := readTrust(args[2], "0")
		if err != nil {
			return err
		}
		return fork(args[1], t)
	}
	return errors.New("use: tlogverify ledger DIR KEYS QUORUM [NOTE...] | proof FILE LEAFHASH KEYS QUORUM | fork FILE KEYS")
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Println("FAILED:", err)
		os.Exit(1)
	}
}
