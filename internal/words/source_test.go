package words_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// source is the module's code as the checker of keys sees it: syntax only,
// because types would take seconds. It follows a key back through variables,
// parameters, results and constants to the literals it comes from.
type source struct {
	fset   *token.FileSet
	files  []*file
	funcs  map[string][]*function // by id, see (*file).id; methods may share one
	consts map[string]ast.Expr    // "dir.name" of package-level constants and variables
	wrongs map[string]bool        // names of variables and fields of type problem.Invalid
	takers map[string][]taker
}

type file struct {
	dir     string
	ast     *ast.File
	imports map[string]string // local name → directory in the module
}

type function struct {
	file   *file
	decl   *ast.FuncDecl
	id     string
	params []string
}

// taker is a parameter that takes a key, or a part of one.
type taker struct {
	at            int    // which argument
	before, after string // what stands around it in the key
	of            *ast.FuncDecl
	args          int // how many arguments fill the text; or:
}

const (
	rest    = -1 // the arguments after the key
	unknown = -2
)

// hole stands in a key for what only the running program knows.
const hole = "\x00"

var keyShape = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`)

func newSource() *source {
	return &source{
		fset: token.NewFileSet(), funcs: map[string][]*function{}, consts: map[string]ast.Expr{}, wrongs: map[string]bool{},
		takers: map[string][]taker{
			"internal/words.Tr":        {{at: 1, args: rest}},
			"internal/words.T":         {{at: 1, args: rest}},
			"internal/problem.Because": {{at: 1, args: rest}},
			"internal/problem.Say":     {{at: 0, args: rest}},
		},
	}
}

// add reads a file of the package in dir.
func (s *source) add(dir, name string, code []byte) error {
	parsed, err := parser.ParseFile(s.fset, name, code, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	f := &file{dir: dir, ast: parsed, imports: map[string]string{}}
	for _, imp := range parsed.Imports {
		path, ours := strings.CutPrefix(unquoted(imp.Path), "daubang/")
		local := path[strings.LastIndex(path, "/")+1:]
		if imp.Name != nil {
			local = imp.Name.Name
		}
		if ours {
			f.imports[local] = path
		} else {
			f.imports[local] = "" // a package all the same, so no method is meant
		}
	}
	s.files = append(s.files, f)
	for _, decl := range parsed.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			fn := &function{file: f, decl: d, id: f.name(d)}
			for _, field := range d.Type.Params.List {
				for _, param := range field.Names {
					fn.params = append(fn.params, param.Name)
				}
			}
			s.funcs[fn.id] = append(s.funcs[fn.id], fn)
		case *ast.GenDecl:
			for name, value := range values(d) {
				s.consts[dir+"."+name] = value
			}
		}
	}
	ast.Inspect(parsed, func(n ast.Node) bool { s.noteInvalid(f, n); return true })
	return nil
}

// name is the id under which calls find a declared function.
func (f *file) name(d *ast.FuncDecl) string {
	if d.Recv != nil {
		return f.method(d.Name.Name)
	}
	return f.dir + "." + d.Name.Name
}

// method is the id of a method: by its name alone, within the package unless
// it is exported.
func (f *file) method(name string) string {
	if ast.IsExported(name) {
		return "#" + name
	}
	return f.dir + "#" + name
}

// id is the id of what a call calls.
func (f *file) id(call *ast.CallExpr) string {
	called := call.Fun
	if of, ok := called.(*ast.IndexExpr); ok { // Unique[T](…)
		called = of.X
	}
	switch fun := called.(type) {
	case *ast.Ident:
		return f.dir + "." + fun.Name
	case *ast.SelectorExpr:
		if pkg, ok := fun.X.(*ast.Ident); ok {
			if dir, imported := f.imports[pkg.Name]; imported {
				return dir + "." + fun.Sel.Name
			}
		}
		return f.method(fun.Sel.Name)
	}
	return ""
}

// noteInvalid learns the names of what holds field errors.
func (s *source) noteInvalid(f *file, n ast.Node) {
	isInvalid := func(e ast.Expr) bool {
		if lit, ok := e.(*ast.CompositeLit); ok {
			e = lit.Type
		}
		if call, ok := e.(*ast.CallExpr); ok && len(call.Args) > 0 { // make(problem.Invalid)
			e = call.Args[0]
		}
		sel, ok := e.(*ast.SelectorExpr)
		return ok && sel.Sel.Name == "Invalid" && f.isPackage(sel.X, "internal/problem")
	}
	switch n := n.(type) {
	case *ast.Field:
		for _, name := range n.Names {
			s.wrongs[name.Name] = s.wrongs[name.Name] || isInvalid(n.Type)
		}
	case *ast.ValueSpec:
		for i, name := range n.Names {
			s.wrongs[name.Name] = s.wrongs[name.Name] || isInvalid(n.Type) || (i < len(n.Values) && isInvalid(n.Values[i]))
		}
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if name, ok := left.(*ast.Ident); ok && i < len(n.Rhs) && isInvalid(n.Rhs[i]) {
				s.wrongs[name.Name] = true
			}
		}
	}
}

func (f *file) isPackage(e ast.Expr, dir string) bool {
	pkg, ok := e.(*ast.Ident)
	return ok && f.imports[pkg.Name] == dir
}

// at finds the keys that one node of a file says.
func (s *source) at(f *file, fn *function, n ast.Node, open map[*file]bool) []said {
	var all []said
	take := func(t taker, e ast.Expr, args int) {
		for _, p := range s.resolve(fn, f, e, 0) {
			p.before, p.after = t.before+p.before, p.after+t.after
			if p.param >= 0 {
				s.learn(fn, taker{at: p.param, before: p.before, after: p.after, args: args})
				continue
			}
			key := p.before + p.after
			open[f] = open[f] || strings.Trim(key, hole) == ""
			all = append(all, said{e.Pos(), key, max(args, unknown), t.of})
		}
	}
	switch n := n.(type) {
	case *ast.CallExpr:
		for _, t := range s.likely(fn, f, n) {
			take(t, n.Args[t.at], filling(fn, n, t))
		}
	case *ast.CompositeLit:
		if sel, ok := n.Type.(*ast.SelectorExpr); !ok || sel.Sel.Name != "Words" || !f.isPackage(sel.X, "internal/problem") {
			return nil
		}
		for _, elt := range n.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok && fmt.Sprint(kv.Key) == "Key" {
				take(taker{}, kv.Value, unknown)
			}
		}
	}
	return all
}

// likely are the parameters of the call that take keys. Where methods of one
// name take them in different places, those are meant that are given one.
func (s *source) likely(fn *function, f *file, call *ast.CallExpr) []taker {
	var all, given []taker
	for _, t := range slices.Concat(s.takers[f.id(call)], s.adding(call)) {
		if t.at >= len(call.Args) || !t.fits(call) {
			continue
		}
		all = append(all, t)
		if slices.ContainsFunc(s.resolve(fn, f, call.Args[t.at], 0), func(p part) bool {
			return p.param < 0 && keyShape.MatchString(t.before+p.before+p.after+t.after)
		}) {
			given = append(given, t)
		}
	}
	if len(s.funcs[f.id(call)]) < 2 {
		return all
	}
	elsewhere := slices.ContainsFunc(call.Args, func(e ast.Expr) bool {
		key, _ := literal(e)
		return keyShape.MatchString(key)
	})
	if given == nil && !elsewhere {
		return all
	}
	return given
}

// fits says that the call has as many arguments as the function wants.
func (t taker) fits(call *ast.CallExpr) bool {
	if t.of == nil || t.of.Type.Params == nil {
		return true
	}
	params := t.of.Type.Params
	if _, many := params.List[len(params.List)-1].Type.(*ast.Ellipsis); many {
		return len(call.Args) >= params.NumFields()-1
	}
	return len(call.Args) == params.NumFields()
}

// adding recognises wrong.Add(field, key, …) by the name of what is added to.
func (s *source) adding(call *ast.CallExpr) []taker {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Add" || len(call.Args) < 2 {
		return nil
	}
	name := ""
	switch x := sel.X.(type) {
	case *ast.Ident:
		name = x.Name
	case *ast.SelectorExpr:
		name = x.Sel.Name
	}
	if !s.wrongs[name] {
		return nil
	}
	return []taker{{at: 1, args: rest}}
}

// filling is how many arguments of the call fill the text.
func filling(fn *function, call *ast.CallExpr, t taker) int {
	switch {
	case t.args != rest:
		return t.args
	case !call.Ellipsis.IsValid():
		return len(call.Args) - t.at - 1
	}
	last, ok := call.Args[len(call.Args)-1].(*ast.Ident)
	if ok && fn != nil && len(fn.params) > 0 && last.Name == fn.params[len(fn.params)-1] && len(call.Args) == t.at+2 {
		return rest // handed on from the caller's own
	}
	return unknown
}

// learn remembers that a parameter of fn is a key.
func (s *source) learn(fn *function, t taker) {
	t.of = fn.decl
	if t.args == rest && t.at != len(fn.params)-2 {
		t.args = unknown
	}
	if !slices.Contains(s.takers[fn.id], t) {
		s.takers[fn.id] = append(s.takers[fn.id], t)
	}
}

func (s *source) countTakers() int {
	n := 0
	for t := range maps.Values(s.takers) {
		n += len(t)
	}
	return n
}

// inspect walks a file with the function that each node stands in.
func (s *source) inspect(f *file, visit func(fn *function, n ast.Node)) {
	for _, decl := range f.ast.Decls {
		var fn *function
		switch d := decl.(type) {
		case *ast.FuncDecl:
			same := s.funcs[f.name(d)]
			fn = same[slices.IndexFunc(same, func(one *function) bool { return one.decl == d })]
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				continue
			}
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			if n != nil {
				visit(fn, n)
			}
			return true
		})
	}
}
